import { type Layer, type NetworkNode, type Parameters, type ParameterTensor, pointSizeBits } from '@bitwright/core';
import {
  type ChannelPoints,
  channelValues,
  fitCodesToOutputs,
  fitToOutputs,
  joinPoints,
  type MultipointWeights,
  outputVariance,
  type PointDemand,
  type PointSum,
  relativeOutputErrors,
  vectorsToWeigh,
  type Weighed,
  weighedSums,
} from '@bitwright/quantizers';
import type { InputCovariance } from './input-covariance.js';

/** A layer's channels with the points found for each. */
export type FittedPoints = {
  readonly layer: Layer;
  readonly bits: number;
  readonly channels: readonly ChannelPoints[];
};

/** The same with what they leave of the channel's output. */
export type LayerPoints = FittedPoints & {
  /** Variance of each channel's output in float. */
  readonly variances: Float64Array;
  /** Squared error with 1, 2, … points as a share of that variance, by channel. */
  readonly errors: readonly Float64Array[];
};

/** Fits a layer's points to its outputs, on what it reads. */
export function fitLayerPoints(
  { layer, bits, channels }: FittedPoints,
  { values }: ParameterTensor,
  covariance: InputCovariance,
): LayerPoints {
  const weights = channelValues(values, channels.length);
  const fitted: ChannelPoints[] = [];
  const errors: Float64Array[] = [];
  const variances = new Float64Array(channels.length);
  const vectors = weights.map((weight, channel) => vectorsToWeigh(weight, channels[channel] as ChannelPoints));
  covariance.weigh(vectors, (channel, products) => {
    const [weight, points] = [weights[channel] as Float32Array, channels[channel] as ChannelPoints];
    const weighed = weighedSums(points, products);
    const toOutputs = fitToOutputs(weight, points, weighed);
    fitted[channel] = toOutputs;
    errors[channel] = relativeOutputErrors(weight, toOutputs, weighed);
    variances[channel] = outputVariance(weight, products[0] as Float64Array);
  });
  return { layer, bits, channels: fitted, variances, errors };
}

/** The layer's weight with `counts[c]` points for each channel c, their codes fitted to its outputs as well. */
export function fitLayerCodes(
  { bits, channels }: FittedPoints,
  { values }: ParameterTensor,
  covariance: InputCovariance,
  counts: Uint8Array,
): MultipointWeights {
  const weights = channelValues(values, channels.length);
  const sums = channels.map((points, channel) => points[(counts[channel] as number) - 1] as PointSum);
  const vectors = weights.map((weight, channel) => vectorsToWeigh(weight, [sums[channel] as PointSum]));
  const fitted: PointSum[] = [];
  covariance.weigh(vectors, (channel, products) => {
    const [weight, sum] = [weights[channel] as Float32Array, sums[channel] as PointSum];
    const [weighed] = weighedSums([sum], products) as [Weighed];
    fitted[channel] = fitCodesToOutputs(weight, sum, { covariance: covariance.of(channel), weighed }, bits);
  });
  return joinPoints(bits, fitted);
}

/**
 * The channels as the allocation by size sees them. Error is a channel's part in the noise of the layer's output, behind
 * its batch normalization where it has one; one point for each channel adds up to `divergence`, what that noise does to
 * the network's outputs.
 */
export function pointDemands(
  { layer, bits, variances, errors }: LayerPoints,
  parameters: Parameters,
  normalization: NetworkNode | undefined,
  divergence: number,
): readonly PointDemand[] {
  const scales = normalization && parameters.get(`${normalization.id}.scale`)?.values;
  const powers = scales === undefined ? variances : Float64Array.from(scales, (scale) => scale * scale);
  const noise = errors.reduce((sum, relative, channel) => sum + noiseOf(relative, powers[channel] as number), 0);
  const factor = noise > 0 ? divergence / noise : 0;
  const cost = pointSizeBits(layer, bits);
  return errors.map((relative, channel) => ({
    errors: relative.map((error) => error * factor * (powers[channel] as number)),
    cost,
  }));
}

const noiseOf = (relativeErrors: Float64Array, power: number) => (relativeErrors[0] as number) * power;
