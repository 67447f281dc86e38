import type { Model, NetworkNode, Parameters, ParameterTensor } from '@bitwright/core';
import { foldablePairs } from './fold-batch-normalization.js';

/**
 * The same function with equally large output channels in the named layers: where a batch normalization follows, every
 * channel is scaled so that all have the same largest magnitude, and the normalization takes it back. The sum of the
 * layer's squared weights stays, so that a learning rate means what it meant. A table of levels for the whole layer then
 * serves channels that were of different size.
 */
export function equalizeChannels({ network, parameters }: Model, layers: ReadonlySet<string>): Model {
  const equalized = new Map(parameters);
  for (const [layer, normalization] of foldablePairs(network)) {
    if (!layers.has(layer)) continue;
    const weight = parameters.get(`${layer}.weight`) as ParameterTensor;
    const factors = channelFactors(weight);
    equalized.set(`${layer}.weight`, scaleChannels(weight, factors));
    const bias = parameters.get(`${layer}.bias`);
    if (bias !== undefined) equalized.set(`${layer}.bias`, scaleChannels(bias, factors));
    takeBack(equalized, normalization, factors);
  }
  return { network, parameters: equalized };
}

/** Towards one largest magnitude; 1 where a channel has nothing but zeros. */
function channelFactors({ shape: [channels = 1], values }: ParameterTensor): Float64Array {
  const size = values.length / channels;
  const largest = new Float64Array(channels);
  const power = new Float64Array(channels);
  values.forEach((value, index) => {
    const channel = Math.floor(index / size);
    largest[channel] = Math.max(largest[channel] as number, Math.abs(value));
    power[channel]! += value * value;
  });
  const inUnits = power.reduce((sum, own, channel) => sum + (own > 0 ? own / (largest[channel] as number) ** 2 : 0), 0);
  const common = Math.sqrt(power.reduce((sum, own) => sum + own, 0) / inUnits);
  return largest.map((own) => (own > 0 ? common / own : 1));
}

function scaleChannels({ shape, values }: ParameterTensor, factors: Float64Array): ParameterTensor {
  const size = values.length / factors.length;
  return { shape, values: values.map((value, index) => value * (factors[Math.floor(index / size)] as number)) };
}

/** Mean and variance follow the channel; what epsilon is to the variance then goes into the scale. */
function takeBack(parameters: Map<string, ParameterTensor>, { id, operation }: NetworkNode, factors: Float64Array) {
  const epsilon = operation.kind === 'batch-normalization' ? operation.epsilon : 0;
  const change = (role: string, by: (value: number, factor: number, channel: number) => number) => {
    const name = `${id}.${role}`;
    const { shape, values } = (parameters as Parameters).get(name) as ParameterTensor;
    const changed = values.map((value, channel) => by(value, factors[channel] as number, channel));
    parameters.set(name, { shape, values: changed });
  };
  const variance = (parameters.get(`${id}.variance`) as ParameterTensor).values;
  change('mean', (mean, factor) => mean * factor);
  change('scale', (scale, factor, channel) => {
    const own = variance[channel] as number;
    return (scale / factor) * Math.sqrt((factor * factor * own + epsilon) / (own + epsilon));
  });
  change('variance', (own, factor) => own * factor * factor);
}
