import { type IntegerNode, type IntegerParameters, zeroPointOf } from '@bitwright/hago';
import { DATA_TYPE } from '../wire/data-type.js';
import { toTensor } from '../wire/tensors.js';
import type { IntegerWriter } from './integer-writer.js';

/** ONNX Runtime's direct integer convolution reads channels in fours; others are unfolded into a matrix first. */
const CHANNELS_AT_ONCE = 4;

/** Whether a convolution reads so few channels, images as a rule, that it is faster with as many as are read at once. */
export const hasFewChannels = ({ node: { operation }, kernel }: IntegerNode): boolean =>
  operation.kind === 'convolution' &&
  operation.groups === 1 &&
  (kernel?.parameters?.shape[1] ?? CHANNELS_AT_ONCE) < CHANNELS_AT_ONCE;

/** Adds channels of zeros to what a convolution reads, and gives the new codes. Its sums stay the same. */
export function writePaddedCodes({ writer }: IntegerWriter, lowered: IntegerNode, codes: string): string {
  const { id, inputs, kernel } = lowered;
  const format = inputs[0]?.format;
  if (format?.kind !== 'integer') throw new Error(`${id} reads no codes`);
  const added = CHANNELS_AT_ONCE - (kernel?.parameters?.shape[1] ?? CHANNELS_AT_ONCE);
  const amounts = BigInt64Array.from([0, 0, 0, 0, 0, added, 0, 0], BigInt);
  const pads = writer.tensor(toTensor(`${id}.pads`, [8], DATA_TYPE.int64, new Uint8Array(amounts.buffer)));
  const zeroPoint = zeroPointOf(format);
  const zero = writer.tensor(toTensor(`zero.${zeroPoint}`, [], DATA_TYPE.uint8, Uint8Array.of(zeroPoint)));
  return writer.node('Pad', `${id}.images.codes`, [codes, pads, zero]);
}

/** A weight (OIHW) with zeros for the channels that `writePaddedCodes` adds. */
export function padWeight(parameters: IntegerParameters): IntegerParameters {
  const [outputs, channels, height, width] = parameters.shape as [number, number, number, number];
  const window = height * width;
  const codes = new Int8Array(outputs * CHANNELS_AT_ONCE * window);
  for (let output = 0; output < outputs; output += 1) {
    const filter = parameters.codes.subarray(output * channels * window, (output + 1) * channels * window);
    codes.set(filter, output * CHANNELS_AT_ONCE * window);
  }
  return { ...parameters, shape: [outputs, CHANNELS_AT_ONCE, height, width], codes };
}
