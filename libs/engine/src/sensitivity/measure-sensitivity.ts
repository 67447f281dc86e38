import {
  deriveSeed,
  type IncreaseMeasure,
  type IncreaseTable,
  invalidField,
  type SensitivityReport,
} from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { composeWholeBatches } from '../samples/batch-composer.js';
import { chooseSamples } from '../samples/choose-samples.js';
import type { Work } from '../work.js';
import { alignmentMatrix } from './alignment.js';
import { fisherCurvatures, hessianCurvatures } from './curvature.js';
import { featureGrams } from './feature-grams.js';
import { readMeasured } from './measured-lines.js';
import { secondOrderIncreases } from './second-order-increases.js';
import type { SensitivityBench, SensitivityTask } from './sensitivity-task.js';
import { singleLayerIncreases } from './single-layer-increases.js';

/** Samples at once; batch normalization's statistics are of so many. */
const BATCH = 128;

/**
 * Everything the task asks for, on training samples drawn by its seed. Same task, same numbers, whatever of them is known
 * already. The batch behind the orthogonality takes a moment and is looked at again.
 */
export function* measureSensitivity(
  bench: SensitivityBench,
  task: SensitivityTask,
): Work<Omit<SensitivityReport, 'seconds'>> {
  const asksFor = (...measures: readonly string[]) => task.measures.some((measure) => measures.includes(measure));
  const orthogonality = asksFor('orthogonality') ? yield* measureOrthogonality(bench, task) : undefined;
  const increases = yield* measureIncreases(bench, task);
  const { weightBits, activationBits } = task;
  const featureSamples = orthogonality === undefined ? 0 : samplesOf(bench, task.featureSamples, task.seed).count;
  const samples = increases.length === 0 ? 0 : wholeBatchSamples(bench, task).count;
  return { weightBits, activationBits, orthogonality, increases, featureSamples, samples };
}

function* measureOrthogonality(bench: SensitivityBench, task: SensitivityTask): Work<number[][]> {
  const samples = samplesOf(bench, task.featureSamples, task.seed);
  if (samples.count < 2) throw invalidField('dataset', 'has fewer than 2 training samples', 'TOO_FEW_SAMPLES');
  yield { phase: 'comparing layers', done: 0, total: 1 };
  const grams = featureGrams(bench.model, bench.evaluator.layers, samples, bench.preprocessing);
  yield { phase: 'comparing layers', done: 1, total: 1 };
  return alignmentMatrix(grams, samples.count);
}

function* measureIncreases(bench: SensitivityBench, task: SensitivityTask): Work<readonly IncreaseTable[]> {
  const measured = task.measures.filter((measure): measure is IncreaseMeasure => measure !== 'orthogonality');
  if (measured.length === 0) return [];
  const samples = wholeBatchSamples(bench, task);
  const batches = composeWholeBatches(samples, BATCH, bench.preprocessing);
  // A second-order model is one of weights: what activations add is measured.
  const roles = { weights: measured.some((measure) => !isSecondOrder(measure)), activations: true };
  const known = readMeasured(task.known);
  const { loss, divergence } = yield* singleLayerIncreases(bench, task, batches, roles, known);
  const tables: IncreaseTable[] = [];
  for (const measure of measured) {
    if (measure === 'hessian-trace' || measure === 'fisher') {
      const curvatures =
        measure === 'hessian-trace'
          ? yield* hessianCurvatures(bench, batches, deriveSeed(task.seed, 'hessian'), known)
          : yield* fisherCurvatures(bench, composeWholeBatches(samples, 1, bench.preprocessing), known);
      tables.push({ measure, layers: yield* secondOrderIncreases(bench, task, curvatures, loss) });
    } else tables.push({ measure, layers: measure === 'loss-increase' ? loss : divergence });
  }
  return tables;
}

const isSecondOrder = (measure: IncreaseMeasure) => measure === 'hessian-trace' || measure === 'fisher';

/** As many of the task's samples as fill batches; all where they are fewer than one. */
function wholeBatchSamples(bench: SensitivityBench, { samples, seed }: SensitivityTask): Samples {
  const most = Math.min(samples, bench.data.splits.training.count);
  return samplesOf(bench, most < BATCH ? most : most - (most % BATCH), seed);
}

function samplesOf({ data }: SensitivityBench, count: number, seed: number): Samples {
  return chooseSamples(data.splits.training, count, deriveSeed(seed, 'sensitivity samples'));
}
