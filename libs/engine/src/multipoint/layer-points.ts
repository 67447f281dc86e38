import { type Layer, type NetworkNode, type Parameters, type ParameterTensor, pointSizeBits } from '@bitwright/core';
import {
  type ChannelPoints,
  fitChannels,
  outputVariance,
  type PointDemand,
  relativeOutputErrors,
} from '@bitwright/quantizers';
import type { InputCovariance } from './input-covariance.js';

/** A layer's channels with the points found for each, and what they leave of the channel's output. */
export type LayerPoints = {
  readonly layer: Layer;
  readonly bits: number;
  readonly channels: readonly ChannelPoints[];
  /** Variance of each channel's output in float. */
  readonly variances: Float64Array;
  /** Squared error with 1, 2, … points as a share of that variance, by channel. */
  readonly errors: readonly Float64Array[];
};

export type LayerPointsOptions = { readonly bits: number; readonly maximumPoints: number };

/** Fits points to a layer's outputs on what it reads. */
export function findLayerPoints(
  layer: Layer,
  weight: ParameterTensor,
  covariance: InputCovariance,
  { bits, maximumPoints }: LayerPointsOptions,
): LayerPoints {
  const covarianceOf = (channel: number) => covariance.of(channel);
  const channels = fitChannels(weight, { bits, maximumPoints, covarianceOf });
  const size = weight.values.length / channels.length;
  const valuesOf = (channel: number) => weight.values.subarray(channel * size, (channel + 1) * size);
  const errors = channels.map((points, channel) =>
    relativeOutputErrors(valuesOf(channel), points, covariance.of(channel)),
  );
  const variances = Float64Array.from(channels, (_, channel) =>
    outputVariance(valuesOf(channel), covariance.of(channel)),
  );
  return { layer, bits, channels, variances, errors };
}

/**
 * The channels as the allocation by size sees them: error is a channel's part in the noise of the layer's output, behind
 * its batch normalization where it has one. Layers count alike: what each adds to the network's noise is of its signal.
 */
export function pointDemands(
  { layer, bits, variances, errors }: LayerPoints,
  parameters: Parameters,
  normalization: NetworkNode | undefined,
): readonly PointDemand[] {
  const scales = normalization && parameters.get(`${normalization.id}.scale`)?.values;
  const powers = scales === undefined ? variances : Float64Array.from(scales, (scale) => scale * scale);
  const total = powers.reduce((sum, power) => sum + power, 0);
  const cost = pointSizeBits(layer, bits);
  return errors.map((relative, channel) => {
    const share = total > 0 ? (powers[channel] as number) / total : 0;
    return { errors: relative.map((error) => error * share), cost };
  });
}
