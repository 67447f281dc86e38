import { type IntegerType, typeRange } from '@bitwright/hago';
import type { DataType, GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { calculate, cast, floats } from '../operations/arithmetic.js';

/** Codes live in floats that hold them exactly: bytes and sums below 2^24 in 32 bits, wider ones in 64. */
export const containerOf = (type: IntegerType): DataType => (type === 'int8' ? 'float32' : 'float64');

/** Lowest and highest code as tensors. */
export type Bounds = { readonly lowest: GraphTensor; readonly highest: GraphTensor };

/** Halves to even, then between the bounds. */
export function roundBetween(graph: GraphBuilder, tensor: GraphTensor, bounds: Bounds): GraphTensor {
  return clip(graph, calculate(graph, 'Round', [tensor]), bounds);
}

export function clip(graph: GraphBuilder, tensor: GraphTensor, { lowest, highest }: Bounds): GraphTensor {
  const above = calculate(graph, 'Maximum', [tensor, cast(graph, lowest, tensor.dtype)]);
  return calculate(graph, 'Minimum', [above, cast(graph, highest, tensor.dtype)]);
}

/** Whole numbers as the type holds them (two's complement); exact, as its span is a power of two. */
export function wrapAround(graph: GraphBuilder, tensor: GraphTensor, type: IntegerType): GraphTensor {
  const { lowest, highest } = typeRange(type);
  const constant = (value: number) => cast(graph, floats(graph, value), tensor.dtype);
  const span = constant(highest - lowest + 1);
  const shifted = calculate(graph, 'Sub', [tensor, constant(lowest)]);
  const turns = calculate(graph, 'Floor', [calculate(graph, 'RealDiv', [shifted, span])]);
  return calculate(graph, 'Sub', [tensor, calculate(graph, 'Mul', [turns, span])]);
}

/** a x b + c with one rounding to float32, as a fused multiply-add has it: float64 holds the exact value. */
export function fusedMultiplyAdd(graph: GraphBuilder, a: GraphTensor, b: GraphTensor, c: GraphTensor): GraphTensor {
  const product = calculate(graph, 'Mul', [cast(graph, a, 'float64'), cast(graph, b, 'float64')]);
  return cast(graph, calculate(graph, 'AddV2', [product, cast(graph, c, 'float64')]), 'float32');
}
