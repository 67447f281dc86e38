import { type Network, type NetworkNode, type ParameterTensor, roundHalfToEven } from '@bitwright/core';
import { codesOfBits } from '../element-type.js';
import type { IntegerParameters } from '../integer-graph.js';

/**
 * The step between codes of b bits up to a threshold T: T / 2^(b-1), where no code is negative T / 2^b, as float32. Any step
 * serves a tensor that is all zero.
 */
export function scaleOf(threshold: number, bits: number, unsigned: boolean): number {
  return threshold > 0 ? Math.max(Math.fround(threshold / 2 ** (unsigned ? bits : bits - 1)), SMALLEST_SCALE) : 1;
}

/** The smallest float32 that is not denormal. */
const SMALLEST_SCALE = 2 ** -126;

/** Biases are kept below this many steps, so that they fit 32 bits with room for the products. */
const MOST_BIAS_STEPS = 2 ** 30;

export type ParameterQuantization = {
  readonly bits: number;
  readonly perChannel: boolean;
  readonly inputScale: number;
  /** Of a weight that lies on a grid already: one, or one for each output channel. */
  readonly scales?: Float32Array | undefined;
};

/**
 * A layer's weight and bias as codes: weights in the steps that are given, else max|w| / 2^(b-1) for each output channel of a
 * convolution, for the whole of a fully connected layer; biases in steps of input scale x weight scale.
 */
export function quantizeParameters(
  weight: ParameterTensor,
  bias: ParameterTensor | undefined,
  { bits, perChannel, inputScale, scales: given }: ParameterQuantization,
): IntegerParameters {
  const channels = weight.shape[0] as number;
  const count = given?.length ?? (perChannel ? channels : 1);
  const thresholds = weightThresholds(weight.values, count);
  const fitted = (threshold: number) => scaleOf(threshold > 0 ? threshold : largest(thresholds), bits, false);
  const scales = Float32Array.from(thresholds, (threshold, index) => {
    const biases = bias === undefined ? [] : count === 1 ? bias.values : [bias.values[index] as number];
    const needed = largest(biases) / (inputScale * MOST_BIAS_STEPS);
    return Math.max(given?.[index] ?? fitted(threshold), needed);
  });
  const perScale = weight.values.length / count;
  const { lowest, highest } = codesOfBits(bits, false);
  const codes = Int8Array.from(weight.values, (value, index) => {
    const code = roundHalfToEven(Math.fround(value / (scales[Math.floor(index / perScale)] as number)));
    return Math.min(Math.max(code, lowest), highest);
  });
  const step = (channel: number) => inputScale * (scales[count === 1 ? 0 : channel] as number);
  const biasCodes = bias && Int32Array.from(bias.values, (value, channel) => roundHalfToEven(value / step(channel)));
  return { shape: weight.shape, codes, scales, inputScale, bias: biasCodes };
}

/** Largest |w| of each of `count` equal parts. */
export function weightThresholds(values: Float32Array, count: number): Float32Array {
  const size = values.length / count;
  return Float32Array.from({ length: count }, (_, part) => largest(values.subarray(part * size, (part + 1) * size)));
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < values.length; index += 1) most = Math.max(most, Math.abs(values[index] as number));
  return most;
}

/** Pixels that a global average takes the mean of. */
export function averagedPixels({ nodes }: Network, { inputs }: NetworkNode): number {
  const source = nodes.find(({ id }) => id === inputs[0]);
  return source === undefined ? 1 : source.output.height * source.output.width;
}
