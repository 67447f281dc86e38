import type { Network, NetworkNode } from '@bitwright/core';
import type { CodeRange, IntegerType } from './element-type.js';
import type { Requantization } from './hardware/specification.js';

/** What the numbers of a tensor mean: value = scale x code, one scale or one for each channel; the zero point is 0. */
export type IntegerFormat = {
  readonly kind: 'integer';
  readonly type: IntegerType;
  /** Whether no code is negative, whatever the type. */
  readonly unsigned: boolean;
  readonly scales: Float64Array;
};
export type TensorFormat = { readonly kind: 'float' } | IntegerFormat;

/** What happens to a tensor on its way to a reader. Rounding is half to even. */
export type Conversion =
  | { readonly kind: 'none' }
  /** float to codes: x / scale in float32, rounded, clipped to the range. */
  | { readonly kind: 'quantize'; readonly to: IntegerFormat; readonly range: CodeRange }
  /** Codes to codes: code x multiplier in float64, rounded, clipped to the range. */
  | {
      readonly kind: 'requantize';
      readonly multipliers: Float32Array;
      readonly to: IntegerFormat;
      readonly range: CodeRange;
    }
  /** Codes to float: code x scale. */
  | { readonly kind: 'dequantize'; readonly from: IntegerFormat };

/** What a node reads: the tensor, what happens to it on the way, and what its numbers mean then. */
export type IntegerInput = {
  readonly source: string;
  readonly conversion: Conversion;
  readonly format: TensorFormat;
};

/** A layer's weight as codes in the core's layout, its scales (one, or one for each output channel), and its bias. */
export type IntegerParameters = {
  readonly shape: readonly number[];
  readonly codes: Int8Array;
  readonly scales: Float32Array;
  /** Of the codes that the weight is multiplied with. */
  readonly inputScale: number;
  /** In steps of input scale x weight scale. */
  readonly bias: Int32Array | undefined;
};

/**
 * How a kernel that requantizes ends: accumulator x multiplier in float32, rounded, clipped to the range. An addition
 * multiplies each operand by its own before it adds, in float32 with one rounding a step (fused multiply-add).
 */
export type KernelRequantization = { readonly multipliers: Float32Array; readonly range: CodeRange };

/** What a node computes in integers: sums of products or of elements, kept in `type`, where what is too large wraps around. */
export type IntegerKernel = {
  readonly type: IntegerType;
  readonly parameters?: IntegerParameters | undefined;
  /** Rectifiers: the codes between which the result is kept, one pair or one for each channel. */
  readonly limits?: { readonly lowest: Float64Array; readonly highest: Float64Array } | undefined;
  readonly requantization?: KernelRequantization | undefined;
};

/** One node. `kernel` is absent where it computes in float; `output` is what readers get before their conversions. */
export type IntegerNode = {
  /** Name of the tensor it gives: of the last node of the network that is part of it. */
  readonly id: string;
  /** The network's node whose operation this is. */
  readonly node: NetworkNode;
  readonly inputs: readonly IntegerInput[];
  readonly kernel: IntegerKernel | undefined;
  readonly output: TensorFormat;
};

/**
 * A network in integers as far as the hardware goes: what HAGO realizes. The engine executes it and the ONNX exporter writes
 * it, both from this one description, code for code the same.
 */
export type IntegerGraph = {
  readonly network: Network;
  readonly requantization: Requantization;
  readonly nodes: readonly IntegerNode[];
  /** From what the last node gives to the logits. */
  readonly output: IntegerInput;
};

/** Codes of a kernel's tensors lie this far up in unsigned 8 bits, which is what ONNX Runtime's fast kernels take. */
export const zeroPointOf = ({ unsigned }: IntegerFormat) => (unsigned ? 0 : 128);
