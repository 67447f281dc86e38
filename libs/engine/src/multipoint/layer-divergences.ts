import type { Parameters } from '@bitwright/core';
import type { QuantizationPlan } from '../quantization/plan.js';
import type { ImageBatch } from '../samples/image-batch.js';
import { compareWithFloat } from '../sensitivity/compare-with-float.js';
import { type LayerProbe, withQuantizedWeight } from '../sensitivity/layer-probe.js';
import type { Work } from '../work.js';

/**
 * How far each entry's layer, quantized alone, moves the outputs of the float network: the mean Kullback-Leibler divergence
 * of a sample, nats.
 */
export function* layerDivergences(
  probe: LayerProbe,
  parameters: Parameters,
  entries: QuantizationPlan,
  batches: readonly ImageBatch[],
): Work<readonly number[]> {
  probe.setParameters(parameters);
  const measure = compareWithFloat(probe, batches);
  const found: number[] = [];
  for (const entry of entries) {
    found.push(withQuantizedWeight(probe, parameters, entry, () => measure(probe)).divergence);
    yield { phase: 'measuring layers', done: found.length, total: entries.length };
  }
  return found;
}
