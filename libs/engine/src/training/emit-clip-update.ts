import type { Layer } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute, floats, multiply } from '../operations/arithmetic.js';
import type { QuantizationVariables } from '../quantization/quantization-variables.js';
import { type EmittedOptimizer, emitSgd, type SgdOptions } from './emit-optimizer.js';

/** A learned threshold stays within this factor of the calibrated one, any other at it. */
const RANGE = 4;

/**
 * Trains the clip thresholds of all layers as one vector (PACT), then keeps each near its calibrated value and below
 * what its rectifier lets through. A step that is not finite leaves the threshold where it was, and so do layers whose
 * thresholds have no gradient.
 */
export function emitClipUpdate(
  graph: GraphBuilder,
  layers: readonly Layer[],
  { clips, clipValues, calibratedClips, clipLimits }: QuantizationVariables,
  gradients: ReadonlyMap<string, GraphTensor>,
  rate: GraphTensor,
  options: SgdOptions,
): EmittedOptimizer {
  const attributes = { T: { type: 'float32' } } as const;
  const parts = layers.map(({ name }) => gradients.get(`${name}.clip`) ?? floats(graph, 0));
  const packing = { ...attributes, N: { int: parts.length }, axis: { int: 0 } } as const;
  const gradient = graph.operation('Pack', {
    inputs: parts,
    attributes: packing,
    outputs: [{ shape: [parts.length] }],
  })[0] as GraphTensor;
  const trained = [{ name: 'clips', variable: clips, value: clipValues, gradient }];
  const { step, reset } = emitSgd(graph, trained, rate, { ...options, decays: () => true });
  const moved = graph.read(clips, step);
  const ranges = layers.map(({ name }) => (gradients.has(`${name}.clip`) ? RANGE : 1));
  const calibratedTimes = (factors: readonly number[]) => multiply(graph, calibratedClips, floats(graph, factors));
  const lowest = compute(graph, 'Maximum', [moved, calibratedTimes(ranges.map((range) => 1 / range))]);
  const near = compute(graph, 'Minimum', [lowest, calibratedTimes(ranges)]);
  const allowed = compute(graph, 'Minimum', [near, floats(graph, clipLimits)]);
  const finite = graph.operation('IsFinite', {
    inputs: [moved],
    attributes,
    outputs: [{ dtype: 'bool', shape: moved.shape }],
  })[0] as GraphTensor;
  const kept = graph.assign(clips, compute(graph, 'SelectV2', [finite, allowed, clipValues], clips.shape));
  return { step: [...step, kept], reset };
}
