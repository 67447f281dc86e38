import {
  type Model,
  type Network,
  type NetworkNode,
  type Operation,
  outputShape,
  type ParameterTensor,
} from '@bitwright/core';

const ONE = {
  kernelHeight: 1,
  kernelWidth: 1,
  strideHeight: 1,
  strideWidth: 1,
  padding: { top: 0, left: 0, bottom: 0, right: 0 },
};

/** A dense 1 x 1 convolution with a bias. */
export const pointwise = (outChannels: number, groups = 1): Operation => ({
  ...{ kind: 'convolution', outChannels, groups, bias: true },
  ...ONE,
});

export type Step = readonly [id: string, operation: Operation, ...inputs: string[]];

/** A network of these nodes on images of 4 x 4 pixels. */
export function buildNetwork(channels: number, steps: readonly Step[]): Network {
  const input = { height: 4, width: 4, channels };
  const nodes: NetworkNode[] = [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: input }];
  const shapes = new Map([['input', input]]);
  for (const [id, operation, ...inputs] of steps) {
    const output = outputShape(operation, shapes.get(inputs[0] ?? '') ?? input);
    shapes.set(id, output);
    nodes.push({ id, operation, inputs, output });
  }
  return { name: 'small', input, classes: nodes.at(-1)?.output.channels ?? 1, nodes };
}

/** Convolutions around an addition, a pool and a classifier. */
export const RESIDUAL: readonly Step[] = [
  ['stem', pointwise(2), 'input'],
  ['stem.relu', { kind: 'relu' }, 'stem'],
  ['branch', pointwise(2), 'stem.relu'],
  ['sum', { kind: 'add' }, 'branch', 'stem.relu'],
  ['pool', { kind: 'global-average-pool' }, 'sum'],
  ['classifier', { kind: 'fully-connected', outFeatures: 2, bias: true }, 'pool'],
];

/** A model whose weights are all `weight` and whose biases are 0. */
export function constantModel(network: Network, weight: number): Model {
  const channels = new Map(network.nodes.map(({ id, output }) => [id, output.channels]));
  const parameters = new Map<string, ParameterTensor>();
  for (const { id, operation, inputs } of network.nodes) {
    if (operation.kind !== 'convolution' && operation.kind !== 'fully-connected') continue;
    const outputs = operation.kind === 'convolution' ? operation.outChannels : operation.outFeatures;
    const groups = operation.kind === 'convolution' ? operation.groups : 1;
    const inChannels = (channels.get(inputs[0] ?? '') ?? 1) / groups;
    const shape = operation.kind === 'convolution' ? [outputs, inChannels, 1, 1] : [outputs, inChannels];
    parameters.set(`${id}.weight`, { shape, values: new Float32Array(outputs * inChannels).fill(weight) });
    parameters.set(`${id}.bias`, { shape: [outputs], values: new Float32Array(outputs) });
  }
  return { network, parameters };
}
