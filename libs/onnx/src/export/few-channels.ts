import type { Operation } from '@bitwright/core';
import { DATA_TYPE } from '../wire/data-type.js';
import type { GraphWriter } from '../wire/graph-writer.js';
import { toTensor } from '../wire/tensors.js';

/** ONNX Runtime's direct integer convolution reads channels in fours; others are unfolded into a matrix first. */
const CHANNELS_AT_ONCE = 4;

type Shaped<Values> = { readonly shape: readonly number[]; readonly values: Values };

/**
 * Whether an integer convolution with a weight of this shape (OIHW) reads so few channels, images as a rule, that it is faster
 * with as many as are read at once.
 */
export const hasFewChannels = (operation: Operation, [, channels = CHANNELS_AT_ONCE]: readonly number[]): boolean =>
  operation.kind === 'convolution' && operation.groups === 1 && channels < CHANNELS_AT_ONCE;

/**
 * Adds channels of zeros to the codes of the images that layer `id` reads, and gives the value to read; its sums stay the
 * same. `grid` names scale and zero point.
 */
export function writePaddedImages(
  writer: GraphWriter,
  id: string,
  codes: string,
  grid: readonly [scale: string, zeroPoint: string],
  channels: number,
): string {
  const amounts = BigInt64Array.from([0, 0, 0, 0, 0, CHANNELS_AT_ONCE - channels, 0, 0], BigInt);
  const pads = writer.tensor(toTensor(`${id}.pads`, [8], DATA_TYPE.int64, new Uint8Array(amounts.buffer)));
  const padded = writer.node('Pad', `${id}.images.codes`, [codes, pads, grid[1]]);
  return writer.node('DequantizeLinear', `${id}.images`, [padded, ...grid]);
}

/** A weight (OIHW) with zeros for the channels that `writePaddedImages` adds. */
export function padWeight<Values extends Int8Array | Float32Array>({ shape, values }: Shaped<Values>): Shaped<Values> {
  const [outputs, channels, height, width] = shape as [number, number, number, number];
  const [length, longer] = [channels * height * width, CHANNELS_AT_ONCE * height * width];
  const padded = new (values.constructor as new (length: number) => Values)(outputs * longer);
  for (let output = 0; output < outputs; output += 1) {
    padded.set(values.subarray(output * length, (output + 1) * length), output * longer);
  }
  return { shape: [outputs, CHANNELS_AT_ONCE, height, width], values: padded };
}
