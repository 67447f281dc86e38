import { codeLimits } from '../export/layer-quantization.js';
import { DATA_TYPE } from '../wire/data-type.js';
import type { GraphWriter } from '../wire/graph-writer.js';
import { toTensor } from '../wire/tensors.js';

/** Values run up to about 6, as after a ReLU6. */
const RANGE = 6;

export type TensorQuantizers = {
  /** Writes a tensor's quantizer, 8 bits unless it is told otherwise, and gives the value to read; once for all readers. */
  quantize(tensor: string, bits?: number): string;
  /** The step between a tensor's codes. */
  scaleOf(tensor: string, bits: number): number;
};

/**
 * Quantizers of whole tensors; `signed` names those that can be negative. Codes are those of 8 bits, whatever the bits: kernels of fewer are not known to ONNX, and a
 * clip to fewer codes would keep runtimes from their integer kernels. All are unsigned, signed tensors with zero point 128:
 * ONNX Runtime's integer convolution wants one type for what it reads and gives.
 */
export function createTensorQuantizers(writer: GraphWriter, signed: ReadonlySet<string>): TensorQuantizers {
  const written = new Map<string, string>();
  const scaleOf = (tensor: string, bits: number) => RANGE / codeLimits(bits, signed.has(tensor)).highest;
  const quantize = (tensor: string, bits = 8) => {
    const name = `${tensor}.quantized${bits}`;
    const known = written.get(name);
    if (known !== undefined) return known;
    const scale = writer.scalar(`${name}.scale`, scaleOf(tensor, bits));
    const zeroPoint = signed.has(tensor) ? 128 : 0;
    const zero = writer.tensor(toTensor(`zero.${zeroPoint}`, [], DATA_TYPE.uint8, Uint8Array.of(zeroPoint)));
    const codes = writer.node('QuantizeLinear', `${name}.codes`, [tensor, scale, zero]);
    const value = writer.node('DequantizeLinear', name, [codes, scale, zero]);
    written.set(name, value);
    return value;
  };
  return { quantize, scaleOf };
}
