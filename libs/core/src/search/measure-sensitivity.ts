import { quantizedWidths } from '../policy/precision-space.js';
import type { SensitivityReport } from '../ports/sensitivity.js';
import { deriveSeed } from '../random.js';
import { loadBasis, saveBasis } from './policy-basis.js';
import type { SearchRun } from './search-run.js';

/** OMPQ's paper takes one batch of 64 images. */
const FEATURE_SAMPLES = 64;
/** Enough for increases of the loss to a few per cent; time grows with it. */
const SAMPLES = 256;

/** What the strategy wants measured: taken over from an earlier run, or measured and stored. Undefined where it wants nothing. */
export async function runSensitivity(run: SearchRun): Promise<SensitivityReport | undefined> {
  const { record, search, ports, signal } = run;
  const { strategy, model, dataset, scheme, trialFidelity, seed } = search.spec;
  const measures = ports.strategy(strategy.name).measures?.(strategy.options) ?? [];
  if (measures.length === 0) return undefined;
  const known = await loadBasis(ports.store, record.id);
  if (known !== undefined) return known.sensitivity;
  const request = {
    ...{ model, dataset, measures, scheme, featureSamples: FEATURE_SAMPLES, samples: SAMPLES },
    weightBits: quantizedWidths(search.space, 'weightBits'),
    activationBits: quantizedWidths(search.space, 'activationBits'),
    calibrationSamples: trialFidelity.calibrationSamples,
    seed: deriveSeed(seed, 'sensitivity'),
  };
  const sensitivity = await ports.quantizer.measureSensitivity(request, { signal });
  const { layers, targets, reference } = search;
  await saveBasis(ports.store, record.id, { layers, targets, sensitivity, reference });
  return sensitivity;
}
