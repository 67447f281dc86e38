import { describe, expect, it } from 'vitest';
import { chainOf, dataFlowOf, NETWORK_INPUT } from './data-flow.js';
import { deriveLayers } from './layers.js';
import type { Network, NetworkNode, Operation } from './network.js';

const shape = { height: 4, width: 4, channels: 8 };
const node = (id: string, operation: Operation, ...inputs: string[]): NetworkNode => ({
  ...{ id, operation, inputs, output: shape },
});
const convolution: Operation = {
  ...{ kind: 'convolution', outChannels: 8, kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1 },
  ...{ padding: { top: 0, left: 0, bottom: 0, right: 0 }, groups: 1, bias: false },
};

/** Two residual blocks, one after the other, and a layer that reads their sum. */
const residual: Network = {
  ...{ name: 'residual', input: shape, classes: 8 },
  nodes: [
    node('image', { kind: 'input' }),
    node('stem', convolution, 'image'),
    node('rectified', { kind: 'relu' }, 'stem'),
    node('first', convolution, 'rectified'),
    node('joined', { kind: 'add' }, 'rectified', 'first'),
    node('second', convolution, 'joined'),
    node('again', { kind: 'add' }, 'joined', 'second'),
    node('last', convolution, 'again'),
  ],
};

describe('the data flow of a network', () => {
  it('names for each layer whose outputs it reads, through what is no layer', () => {
    const { sources } = dataFlowOf(residual, deriveLayers(residual));
    expect(sources).toEqual([[NETWORK_INPUT], [0], [0, 1], [0, 1, 2]]);
  });

  it('names for each addition what it joins, and how much', () => {
    const { joins } = dataFlowOf(residual, deriveLayers(residual));
    expect(joins).toEqual([
      { sources: [0, 1], elements: 128 },
      { sources: [0, 1, 2], elements: 128 },
    ]);
  });

  it('is a chain where only the layers are known', () => {
    expect(chainOf(deriveLayers(residual))).toEqual({ sources: [[NETWORK_INPUT], [0], [1], [2]], joins: [] });
  });
});
