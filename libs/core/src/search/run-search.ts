import { buildReport } from '../report/build-report.js';
import type { Report } from '../report/report.js';
import { runSensitivity } from './measure-sensitivity.js';
import { runControls } from './run-controls.js';
import { runBaselines, runExport, runFinalists, runStrategy } from './search-phases.js';
import type { SearchRun } from './search-run.js';

/** The search, from controls to report. Every step leaves alone what an earlier run of it has stored. */
export async function runSearch(run: SearchRun): Promise<Report> {
  // What any search must beat, and what the reward is measured against.
  await run.enter('baselines');
  const { accuracy: floatAccuracy = 0, calibratedLoss: floatCalibratedLoss } = await runBaselines(run);
  const measured = { floatAccuracy, floatCalibratedLoss };
  await runControls(run, measured);

  // What a strategy computes its policies from, once.
  await run.enter('searching');
  const sensitivity = await runSensitivity(run);

  // Proposals, measured on the validation split.
  await runStrategy(run, { ...measured, sensitivity });

  // The same final fine-tuning for controls and best policies, measured on the test split.
  await run.enter('finetuning');
  await runFinalists(run);

  // The chosen model as ONNX, checked in ONNX Runtime.
  await run.enter('exporting');
  const exported = await runExport(run);

  return buildReport(run, { exported, sensitivity }, 'completed');
}
