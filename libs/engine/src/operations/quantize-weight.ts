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
  /** Absent where no weight has one bit. */
  readonly offset: GraphTensor | undefined;
  /** Scalars: the gradient passes where `w / scale` is between them. */
  readonly passFrom: GraphTensor;
  readonly passTo: GraphTensor;
};

/** Fake quantization of a weight in TensorFlow's layout, rounding half to even, with a straight-through gradient. */
export function quantizeWeight(graph: GraphBuilder, weight: GraphTensor, grid: WeightGrid): QuantizedTensor {
  const { scale, offset, passFrom, passTo } = grid;
  const steps = compute(graph, 'RealDiv', [weight, scale]);
  const shifted = offset === undefined ? steps : subtract(graph, steps, offset);
  const codes = compute(graph, 'ClipByValue', [compute(graph, 'Rint', [shifted]), grid.lowest, grid.highest]);
  const output = multiply(graph, offset === undefined ? codes : add(graph, codes, offset), scale);
  const backward = (gradient: GraphTensor) => ({
    input: passInside(graph, gradient, steps, passFrom, passTo),
    clip: undefined,
  });
  return { output, learns: false, backward };
}
