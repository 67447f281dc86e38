import type { Network, NetworkNode } from '@bitwright/core';
import { GraphBuilder } from '@bitwright/tensor';
import { expect, it } from 'vitest';
import { normalizationFusions } from './fuse-normalization.js';

/** A normalization, a ReLU and a 3x3 convolution with as many groups as outputs. */
function networkOf(channels: number, groups: number): Network {
  const shape = { height: 4, width: 4, channels };
  const padding = { top: 1, left: 1, bottom: 1, right: 1 };
  const window = { kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1, padding };
  const nodes: NetworkNode[] = [
    { id: 'input', operation: { kind: 'input' }, inputs: [], output: shape },
    { id: 'bn', operation: { kind: 'batch-normalization', epsilon: 1e-3 }, inputs: ['input'], output: shape },
    { id: 'relu', operation: { kind: 'relu' }, inputs: ['bn'], output: shape },
    {
      id: 'conv',
      operation: { kind: 'convolution', outChannels: groups, ...window, groups, bias: false },
      inputs: ['relu'],
      output: { ...shape, channels: groups },
    },
  ];
  return { name: 'sample', input: shape, classes: groups, nodes };
}

it.each([
  ['depthwise', 16, 16, 'conv'],
  ['grouped, with two inputs for each output', 32, 16, undefined],
] as const)(
  'a convolution that is %s does its normalization itself: %i channels, %i groups',
  (_, channels, groups, into) => {
    const graph = new GraphBuilder();
    const parameter = (name: string) => graph.placeholder('float32', [name.length]);
    const options = { parameter, batchNormalization: { kind: 'training', momentum: 0.1 } } as const;
    const [fusion] = normalizationFusions(graph, networkOf(channels, groups), options);
    expect(fusion).toMatchObject({ rectifier: 'relu', quantized: undefined });
    expect(fusion?.into).toBe(into);
  },
);
