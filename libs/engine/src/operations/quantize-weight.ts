import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { add, compute, multiply, subtract } from './arithmetic.js';
import { passInside, type QuantizedTensor } from './quantize-activation.js';

/**
 * A weight's grid as tensors, so that one graph serves all bits. Values are
 * `scale * (clip(round(w / scale - offset), lowest, highest) + offset)`; the offset is 0, and 1/2 for one bit, whose
 * two values lie half a step from zero.
 */
export type WeightGrid = {
  /** Per output channel, shaped like the end of the weight's shape. */
  readonly scale: GraphTensor;
  /** Scalars. */
  readonly lowest: GraphTensor;
  readonly highest: GraphTensor;
  readonly offset: GraphTensor;
  /** Scalar: the gradient passes where `|w| <= limit * scale`. */
  readonly limit: GraphTensor;
};

/** Fake quantization of a weight in TensorFlow's layout, rounding half to even, with a straight-through gradient. */
export function quantizeWeight(graph: GraphBuilder, weight: GraphTensor, grid: WeightGrid): QuantizedTensor {
  const steps = compute(graph, 'RealDiv', [weight, grid.scale]);
  const rounded = compute(graph, 'Rint', [subtract(graph, steps, grid.offset)]);
  const codes = compute(graph, 'ClipByValue', [rounded, grid.lowest, grid.highest]);
  const output = multiply(graph, add(graph, codes, grid.offset), grid.scale);
  const backward = (gradient: GraphTensor) => {
    const negative = compute(graph, 'Neg', [grid.limit]);
    return { input: passInside(graph, gradient, steps, negative, grid.limit), clip: undefined };
  };
  return { output, learns: false, backward };
}
