import type { Convolution } from '@bitwright/core';
import { toInt64Tensor } from '../wire/tensors.js';
import { CHANNELS_AT_ONCE, type ImageReading, type Shaped, zerosLike } from './image-reading.js';

/** Images get channels of zeros until there are as many as kernels read at once. */
export const readPaddedChannels = (convolution: Convolution, channels: number): ImageReading => ({
  convolution,
  arrange: (writer, name, codes, zeroPoint) => {
    const amounts = [0, 0, 0, 0, 0, CHANNELS_AT_ONCE - channels, 0, 0];
    return writer.node('Pad', name, [codes, writer.tensor(toInt64Tensor(`${name}.pads`, amounts)), zeroPoint]);
  },
  weight: padWeight,
  outputs: (values) => values,
});

function padWeight<Values extends Int8Array | Float32Array>({ shape, values }: Shaped<Values>): Shaped<Values> {
  const [outputs, channels, height, width] = shape as [number, number, number, number];
  const [length, longer] = [channels * height * width, CHANNELS_AT_ONCE * height * width];
  const padded = zerosLike(values, outputs * longer);
  for (let output = 0; output < outputs; output += 1) {
    padded.set(values.subarray(output * length, (output + 1) * length), output * longer);
  }
  return { shape: [outputs, CHANNELS_AT_ONCE, height, width], values: padded };
}
