import type { LearnedLayer } from '@bitwright/core';
import type { JobContext } from '@bitwright/worker-pool';
import type { Learning } from '../evaluation/learning.js';
import { bitBudgets } from '../evaluation/learning-budgets.js';
import { projectPlan } from '../evaluation/project-levels.js';
import type { LayerPlan } from '../quantization/plan.js';
import { writeCheckpointFile } from './checkpoint-file.js';
import type { PrecisionLearning, ResultOf } from './job.js';
import { runWork } from './run-work.js';
import type { Workbench } from './workbench.js';

/** Learns, measures with levels and with uniform grids in their place, and keeps the parameters. */
export async function learnPrecision(
  { evaluator, model }: Workbench,
  request: PrecisionLearning,
  context: JobContext,
): Promise<ResultOf<'learn-precision'>> {
  const started = performance.now();
  const { budget, widths, pin, fidelity, seed, split, gateOrder: order, ...rates } = request;
  const budgets = bitBudgets(budget, evaluator.layers, pin, widths);
  const learning: Learning = { budgets, fidelity, seed, options: { ...rates, pin, order } };
  const { accuracy, loss, calibratedLoss, samples, layers, parameters, plan } = await runWork(
    evaluator.learn(learning, split),
    context,
  );
  const projected = projectPlan(plan, parameters);
  const uniform = await runWork(
    evaluator.remeasure(parameters, projected.plan, split, fidelity.validationSamples),
    context,
  );
  const seconds = (performance.now() - started) / 1000;
  const result = {
    ...{ accuracy, loss, calibratedLoss, samples, split, seconds, uniformAccuracy: uniform.accuracy },
    policy: { weightQuantizer: 'k-means', granularity: 'per-tensor', layers } as const,
    layers: plan.map((entry, index) => describeLayer(entry, projected.errors[index] as number)),
  };
  const checkpoint = writeCheckpointFile({ model: { network: model.network, parameters }, plan });
  return { kind: 'learn-precision', result, checkpoint };
}

function describeLayer({ weight, activation }: LayerPlan, uniformError: number): LearnedLayer {
  const levelsOf = (quantizer: LayerPlan['weight'] | LayerPlan['activation']) =>
    quantizer.kind === 'levels' ? [...quantizer.levels] : [];
  const weightScales = weight.kind === 'levels' ? [...weight.scales] : [];
  return { weightLevels: levelsOf(weight), weightScales, inputLevels: levelsOf(activation), uniformError };
}
