import { createRandomSource, deriveLayers, type Network, type NetworkNode } from '@bitwright/core';
import { fitChannels, joinPoints, reconstructPoints, refitCoefficients } from '@bitwright/quantizers';
import { expect, it } from 'vitest';
import { createParameters } from '../network/create-parameters.js';
import { type QuantizationPlan, structureOf } from '../quantization/plan.js';
import { quantizeParameters, updatePlan } from '../quantization/quantize-parameters.js';
import { createTrainingStep } from './training-step.js';

const shape = (size: number, channels: number) => ({ height: size, width: size, channels });
const convolution = (outChannels: number, groups: number) =>
  ({
    kind: 'convolution',
    ...{ outChannels, groups, kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1, bias: true },
    padding: { top: 1, left: 1, bottom: 1, right: 1 },
  }) as const;
const nodes: NetworkNode[] = [
  { id: 'input', operation: { kind: 'input' }, inputs: [], output: shape(4, 2) },
  { id: 'stem', operation: convolution(6, 1), inputs: ['input'], output: shape(4, 6) },
  { id: 'depthwise', operation: convolution(6, 6), inputs: ['stem'], output: shape(4, 6) },
  { id: 'pool', operation: { kind: 'global-average-pool' }, inputs: ['depthwise'], output: shape(1, 6) },
  {
    id: 'classifier',
    operation: { kind: 'fully-connected', outFeatures: 3, bias: true },
    inputs: ['pool'],
    output: shape(1, 3),
  },
];
const network: Network = { name: 'small', input: shape(4, 2), classes: 3, nodes };

it('after a step each channel is the nearest sum of its points to what its weights became', () => {
  const random = createRandomSource(3);
  const layers = deriveLayers(network);
  const parameters = createParameters(network, random);
  const plan: QuantizationPlan = layers.map((layer) => {
    const weight = parameters.get(`${layer.name}.weight`);
    if (weight === undefined) throw new Error(layer.name);
    const channels = fitChannels(weight, { bits: 2, maximumPoints: 3 });
    const sums = channels.flatMap((points, channel) => points.slice(channel % 3, 1 + (channel % 3)));
    const multipoint = joinPoints(2, sums);
    return { layer, weight: { kind: 'multipoint', multipoint }, activation: { kind: 'float' } };
  });
  const options = {
    ...{ batchSize: 4, labelSmoothing: 0, momentum: 0, weightDecay: 0, decays: () => true },
    batchNormalization: { kind: 'frozen' },
  } as const;
  const preprocessing = { imageSize: 4, padding: 0, mean: [0.5, 0.5], std: [0.5, 0.5] };
  const batch = {
    images: Uint8Array.from({ length: 4 * 32 }, () => random.integer(256)),
    labels: Int32Array.of(0, 1, 2, 0),
  };
  const start = quantizeParameters(parameters, plan);
  using free = createTrainingStep(network, preprocessing, options);
  free.start(start);
  free.run(batch, 0.5);
  const quantization = { layers, structure: structureOf(plan), learnsClips: false };
  using step = createTrainingStep(network, preprocessing, { ...options, quantization });
  step.start(start, plan);
  step.run(batch, 0.5);
  const tuned = updatePlan(plan, new Float32Array(0), step.parameters());
  for (const [index, { layer, weight }] of plan.entries()) {
    const name = `${layer.name}.weight`;
    const unbound = free.parameters().get(name)?.values as Float32Array;
    const bound = step.parameters().get(name)?.values as Float32Array;
    if (weight.kind !== 'multipoint') throw new Error(name);
    const nearest = reconstructPoints(refitCoefficients(weight.multipoint, unbound));
    const kept = quantizeParameters(step.parameters(), tuned).get(name)?.values as Float32Array;
    expect(
      bound.some((value, at) => value !== start.get(name)?.values[at]),
      name,
    ).toBe(true);
    nearest.forEach((value, at) => {
      expect(bound[at], `${index} ${at}`).toBeCloseTo(value, 4);
      expect(kept[at], `${index} ${at}`).toBeCloseTo(value, 4);
    });
  }
});
