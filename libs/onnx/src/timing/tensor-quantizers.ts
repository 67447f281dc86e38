import type { TensorShape } from '@bitwright/core';
import { writeFloatInput } from '../export/float-layers.js';
import { codeLimits } from '../export/layer-quantization.js';
import type { ImageReading } from '../images/image-reading.js';
import type { GraphWriter } from '../wire/graph-writer.js';
import { toZeroPoint } from '../wire/tensors.js';

/** Values run up to about 6, as after a ReLU6. */
const RANGE = 6;

export type TensorQuantizers = {
  /** Writes a tensor's quantizer, 8 bits unless it is told otherwise, and gives the value to read; once for all readers. */
  quantize(tensor: string, bits?: number): string;
  /** The same for a convolution in float, which ONNX Runtime is to leave in float. */
  quantizeForFloat(tensor: string, shape: TensorShape): string;
  /** The same for a convolution of images, `layer`. */
  quantizeImages(tensor: string, bits: number, layer: string, reading: ImageReading): string;
  /** Says that a tensor's values come as a convolution of images gives them. */
  noteReading(tensor: string, reading: ImageReading): void;
  /** The step between a tensor's codes. */
  scaleOf(tensor: string, bits: number): number;
};

/**
 * Quantizers of whole tensors; `signed` names those that can be negative. Codes are those of 8 bits, whatever the bits: kernels
 * of fewer are not known to ONNX, and a clip to fewer codes would keep runtimes from their integer kernels. All are unsigned,
 * signed tensors with zero point 128: ONNX Runtime's integer convolution wants one type for what it reads and gives.
 */
export function createTensorQuantizers(writer: GraphWriter, signed: ReadonlySet<string>): TensorQuantizers {
  const written = new Map<string, string>();
  const readings = new Map<string, ImageReading>();
  const scaleOf = (tensor: string, bits: number) => RANGE / codeLimits(bits, signed.has(tensor)).highest;
  const zeroPointOf = (tensor: string) => (signed.has(tensor) ? 128 : 0);
  const once = (name: string, write: () => string) => {
    const value = written.get(name) ?? write();
    written.set(name, value);
    return value;
  };
  const gridOf = (tensor: string, bits: number) => {
    const scale = writer.scalar(`${tensor}.quantized${bits}.scale`, scaleOf(tensor, bits));
    return [scale, writer.tensor(toZeroPoint(zeroPointOf(tensor)))] as const;
  };
  const codesOf = (tensor: string, bits: number) => {
    const name = `${tensor}.quantized${bits}.codes`;
    const reading = readings.get(tensor);
    const quantize = (codes: string) => writer.node('QuantizeLinear', codes, [tensor, ...gridOf(tensor, bits)]);
    return once(name, () => reading?.restore?.(writer, name, quantize(`${name}.arranged`)) ?? quantize(name));
  };
  const dequantize = (name: string, codes: string, grid: readonly string[]) =>
    once(name, () => writer.node('DequantizeLinear', name, [codes, ...grid]));
  return {
    scaleOf,
    quantize: (tensor, bits = 8) =>
      dequantize(`${tensor}.quantized${bits}`, codesOf(tensor, bits), gridOf(tensor, bits)),
    quantizeForFloat: (tensor, shape) => {
      const name = `${tensor}.quantized8.float`;
      const grid = { scale: scaleOf(tensor, 8), zeroPoint: zeroPointOf(tensor) };
      return once(name, () => writeFloatInput(writer, name, codesOf(tensor, 8), grid, shape));
    },
    quantizeImages: (tensor, bits, layer, reading) => {
      const grid = gridOf(tensor, bits);
      const images = reading.arrange(writer, `${layer}.images.codes`, codesOf(tensor, bits), grid[1]);
      return dequantize(`${layer}.images`, images, grid);
    },
    noteReading: (tensor, reading) => {
      readings.set(tensor, reading);
    },
  };
}
