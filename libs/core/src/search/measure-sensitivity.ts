import { BitwrightError } from '../errors.js';
import { quantizedWidths } from '../policy/precision-space.js';
import type { WorkProgress } from '../ports/quantizer.js';
import type { SensitivityReport, SensitivityRequest } from '../ports/sensitivity.js';
import { deriveSeed } from '../random.js';
import { MeasurementJournal } from './measurement-journal.js';
import { createPhaseEta } from './measuring.js';
import { TIME_LIMIT, withinTimeLimit } from './measuring-time.js';
import { loadBasis, saveBasis } from './policy-basis.js';
import type { MeasuringProgress } from './search.js';
import type { SearchRun } from './search-run.js';

/** OMPQ's paper takes one batch of 64 images. */
const FEATURE_SAMPLES = 64;
/** Between two tellings of how the measurement of one phase goes, ms. */
const PAUSE_MS = 500;
/** Enough for increases of the loss to a few per cent; time grows with it. */
const SAMPLES = 256;

/** What the strategy wants measured: taken over from an earlier run, or measured and stored. Undefined where it wants nothing. */
export async function runSensitivity(run: SearchRun): Promise<SensitivityReport | undefined> {
  const { record, search, ports, onMeasuring } = run;
  const { strategy, model, dataset, scheme, trialFidelity, seed } = search.spec;
  const measures = ports.strategy(strategy.name).measures?.(strategy.options) ?? [];
  if (measures.length === 0) return undefined;
  const known = await loadBasis(ports.store, record.id);
  if (known !== undefined) {
    onMeasuring({ progress: undefined, seconds: known.sensitivity.seconds });
    return known.sensitivity;
  }
  const request = {
    ...{ model, dataset, measures, scheme, featureSamples: FEATURE_SAMPLES, samples: SAMPLES },
    weightBits: quantizedWidths(search.space, 'weightBits'),
    activationBits: quantizedWidths(search.space, 'activationBits'),
    calibrationSamples: trialFidelity.calibrationSamples,
    seed: deriveSeed(seed, 'sensitivity'),
  };
  const sensitivity = await measure(run, request);
  const { layers, targets, reference } = search;
  await saveBasis(ports.store, record.id, { layers, targets, sensitivity, reference });
  return sensitivity;
}

/** Measures what an earlier run has not, keeps it as it comes, and tells how it goes. */
async function measure(run: SearchRun, request: SensitivityRequest): Promise<SensitivityReport> {
  const { record, ports, onMeasuring } = run;
  const earlier = await ports.store.measured(record.id);
  const startedAt = ports.clock.now();
  const seconds = () => earlier.seconds + (ports.clock.now() - startedAt) / 1000;
  const journal = new MeasurementJournal(record.id, earlier, ports.store, seconds);
  const withEta = createPhaseEta(ports.clock.now);
  let progress: MeasuringProgress | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  const onProgress = ({ logLines = [], ...work }: WorkProgress) => {
    journal.add(logLines);
    const isSoon = ports.clock.now() - toldAt < PAUSE_MS && work.phase === progress?.phase;
    progress = withEta(work);
    if (isSoon) return;
    toldAt = ports.clock.now();
    onMeasuring({ progress, seconds: seconds() });
  };
  const known = { ...request, known: journal.lines };
  try {
    const report = await withinTimeLimit(run, { seconds, progress: () => progress }, (signal) =>
      ports.quantizer.measureSensitivity(known, { signal, onProgress }),
    );
    return { ...report, seconds: earlier.seconds + report.seconds };
  } catch (error) {
    // Whoever resumes a search whose time was over gives it as much again.
    await journal.flush(isTimeOver(error) ? 0 : seconds());
    throw error;
  } finally {
    onMeasuring({ progress: undefined, seconds: seconds() });
  }
}

const isTimeOver = (error: unknown) => error instanceof BitwrightError && error.reason === TIME_LIMIT;
