import type { Layer } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute, floats } from '../operations/arithmetic.js';
import { type QuantizationVariables, SMALLEST_CLIP } from '../quantization/quantization-variables.js';
import { type EmittedOptimizer, emitSgd, type SgdOptions } from './emit-optimizer.js';

/**
 * Trains the clip thresholds of all layers as one vector (PACT), then keeps each between just above 0 and what its
 * rectifier lets through.
 */
export function emitClipUpdate(
  graph: GraphBuilder,
  layers: readonly Layer[],
  { clips, clipValues, clipLimits }: QuantizationVariables,
  gradients: ReadonlyMap<string, GraphTensor>,
  rate: GraphTensor,
  options: SgdOptions,
): EmittedOptimizer {
  const parts = layers.map(({ name }) => gradients.get(`${name}.clip`) ?? floats(graph, 0));
  const attributes = { T: { type: 'float32' }, N: { int: parts.length }, axis: { int: 0 } } as const;
  const gradient = graph.operation('Pack', { inputs: parts, attributes, outputs: [{ shape: [parts.length] }] })[0] as GraphTensor;
  const trained = [{ name: 'clips', variable: clips, value: clipValues, gradient }];
  const { step, reset } = emitSgd(graph, trained, rate, { ...options, decays: () => true });
  const moved = graph.read(clips, step);
  const lowest = compute(graph, 'Maximum', [moved, floats(graph, SMALLEST_CLIP)]);
  const kept = graph.assign(clips, compute(graph, 'Minimum', [lowest, floats(graph, clipLimits)]));
  return { step: [...step, kept], reset };
}
