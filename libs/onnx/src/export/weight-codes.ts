import { type ParameterTensor, roundHalfToEven } from '@bitwright/core';
import { codeLimits } from './layer-quantization.js';

/** Codes of a weight on a linear grid, as ONNX's QuantizeLinear finds them: x / scale in float32, half to even, clipped. */
export function linearCodes({ values, shape }: ParameterTensor, bits: number, scales: Float32Array): Int8Array {
  const perScale = values.length / scales.length;
  if (scales.length !== 1 && scales.length !== shape[0]) {
    throw new Error(`${scales.length} scales for a weight of ${shape[0]} output channels`);
  }
  const { lowest, highest } = codeLimits(bits, true);
  return Int8Array.from(values, (value, index) => {
    if (bits === 1) return value < 0 ? -1 : 1;
    const code = roundHalfToEven(Math.fround(value / (scales[Math.floor(index / perScale)] as number)));
    return Math.min(Math.max(code, lowest), highest);
  });
}

/** Position of the entry nearest to each value (over its output channel's scale); of two equally near, the lower. */
export function codebookCodes(
  values: Float32Array,
  entries: Float32Array,
  scales: Float32Array = Float32Array.of(1),
): Uint8Array {
  if (entries.length < 1 || entries.length > 256)
    throw new Error(`a codebook has 1 to 256 entries, not ${entries.length}`);
  const perScale = values.length / scales.length;
  return Uint8Array.from(values, (scaled, index) => {
    const value = Math.fround(scaled / (scales[Math.floor(index / perScale)] as number));
    let nearest = 0;
    for (let code = 1; code < entries.length; code += 1) {
      if (Math.abs((entries[code] as number) - value) < Math.abs((entries[nearest] as number) - value)) nearest = code;
    }
    return nearest;
  });
}

/** Packs signed 4-bit codes two to a byte, the first in the lower half, as ONNX stores int4. */
export function packInt4(codes: Int8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(codes.length / 2));
  codes.forEach((code, index) => {
    packed[index >> 1] = (packed[index >> 1] as number) | ((code & 0xf) << (4 * (index & 1)));
  });
  return packed;
}
