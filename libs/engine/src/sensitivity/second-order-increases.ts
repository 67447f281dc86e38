import type { LayerIncreases, ParameterTensor } from '@bitwright/core';
import type { LayerPlan } from '../quantization/plan.js';
import { quantizeWeightTensor } from '../quantization/quantize-parameters.js';
import type { Work } from '../work.js';
import type { Curvatures } from './curvature.js';
import type { SensitivityBench, SensitivityTask } from './sensitivity-task.js';
import { plansByBits } from './single-layer-increases.js';
import { weightOf } from './weight-gradients.js';

/**
 * What weights add by a second-order model: half the mean curvature times the squared change that quantization makes of
 * them, nats (HAWQ-V2, arXiv 1911.03852, equation 8). Activations as they were measured.
 */
export function* secondOrderIncreases(
  bench: SensitivityBench,
  task: SensitivityTask,
  curvatures: Curvatures,
  measured: readonly LayerIncreases[],
): Work<readonly LayerIncreases[]> {
  const plans = yield* plansByBits(bench, task, new Set(task.weightBits));
  return bench.evaluator.layers.map((layer, index) => {
    const curvature = curvatures[index] as number;
    const original = bench.model.parameters.get(weightOf(layer)) as ParameterTensor;
    const weights = task.weightBits.map((bits) => {
      const entry = plans.get(bits)?.[index] as LayerPlan;
      return (curvature / 2) * squaredDistance(original, quantizeWeightTensor(original, entry));
    });
    return { weights, activations: measured[index]?.activations ?? [], curvature };
  });
}

function squaredDistance(a: ParameterTensor, b: ParameterTensor): number {
  return a.values.reduce((sum, value, index) => sum + (value - (b.values[index] as number)) ** 2, 0);
}
