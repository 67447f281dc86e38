import { createRandomSource, deriveLayers, type Network } from '@bitwright/core';
import { fitCodebook, projectOntoClusters } from '@bitwright/quantizers';
import { expect, it } from 'vitest';
import { createParameters } from '../network/create-parameters.js';
import type { QuantizationPlan } from '../quantization/plan.js';
import { structureOf } from '../quantization/plan.js';
import { quantizeParameters } from '../quantization/quantize-parameters.js';
import { createTrainingStep } from './training-step.js';

const shape = (size: number, channels: number) => ({ height: size, width: size, channels });
const convolution = {
  kind: 'convolution',
  outChannels: 6,
  kernelHeight: 3,
  kernelWidth: 3,
  strideHeight: 1,
  strideWidth: 1,
  padding: { top: 1, left: 1, bottom: 1, right: 1 },
  groups: 1,
  bias: true,
} as const;
const network: Network = {
  name: 'small',
  input: shape(4, 2),
  classes: 3,
  nodes: [
    { id: 'input', operation: { kind: 'input' }, inputs: [], output: shape(4, 2) },
    { id: 'stem', operation: convolution, inputs: ['input'], output: shape(4, 6) },
    { id: 'relu', operation: { kind: 'relu' }, inputs: ['stem'], output: shape(4, 6) },
    { id: 'pool', operation: { kind: 'global-average-pool' }, inputs: ['relu'], output: shape(1, 6) },
    {
      id: 'classifier',
      operation: { kind: 'fully-connected', outFeatures: 3, bias: true },
      inputs: ['pool'],
      output: shape(1, 3),
    },
  ],
};

it('after a step each cluster has the mean of what its weights became', () => {
  const random = createRandomSource(3);
  const layers = deriveLayers(network);
  const parameters = createParameters(network, random);
  const plan: QuantizationPlan = layers.map((layer) => {
    const codebook = fitCodebook(parameters.get(`${layer.name}.weight`)?.values as Float32Array, 2, random);
    return { layer, weight: { kind: 'k-means', codebook }, activation: { kind: 'float' } };
  });
  const options = {
    batchSize: 4,
    labelSmoothing: 0,
    momentum: 0.9,
    weightDecay: 0.01,
    decays: () => true,
    batchNormalization: { kind: 'frozen' },
  } as const;
  const preprocessing = { imageSize: 4, padding: 0, mean: [0.5, 0.5], std: [0.5, 0.5] };
  const quantization = { layers, structure: structureOf(plan), learnsClips: false };
  const batch = {
    images: Uint8Array.from({ length: 4 * 32 }, () => random.integer(256)),
    labels: Int32Array.of(0, 1, 2, 0),
  };
  const start = quantizeParameters(parameters, plan);
  using clustered = createTrainingStep(network, preprocessing, { ...options, quantization });
  using free = createTrainingStep(network, preprocessing, options);
  clustered.start(start, plan);
  free.start(start);
  expect(clustered.run(batch, 0.5)).toBeCloseTo(free.run(batch, 0.5), 5);
  for (const { layer, weight } of plan) {
    const name = `${layer.name}.weight`;
    const values = free.parameters().get(name)?.values as Float32Array;
    if (weight.kind === 'k-means') projectOntoClusters(values, weight.codebook);
    const found = clustered.parameters().get(name)?.values as Float32Array;
    found.forEach((value, index) => {
      expect(value).toBeCloseTo(values[index] as number, 5);
    });
  }
});
