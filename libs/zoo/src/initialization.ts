import {
  createRandomSource,
  deriveSeed,
  type Network,
  type NetworkNode,
  type Parameters,
  type ParameterTensor,
} from '@bitwright/core';

/**
 * Fresh parameters of a network: convolutions normal with variance 2 / fan-out (He et al. 2015), fully connected
 * layers normal with standard deviation 0.01, biases 0, batch normalization the identity. Each node draws from its
 * own stream, so the same seed and id give the same values whatever else the network has.
 */
export function initializeParameters(network: Network, seed: number): Parameters {
  const parameters = new Map<string, ParameterTensor>();
  const shapes = new Map(network.nodes.map((node) => [node.id, node.output]));
  for (const node of network.nodes) {
    const input = shapes.get(node.inputs[0] ?? '');
    if (input === undefined) continue;
    for (const [role, tensor] of initialTensors(
      node,
      input.height * input.width * input.channels,
      input.channels,
      seed,
    )) {
      parameters.set(`${node.id}.${role}`, tensor);
    }
  }
  return parameters;
}

type Roles = readonly (readonly [string, ParameterTensor])[];

function initialTensors(
  { id, operation, output }: NetworkNode,
  features: number,
  inChannels: number,
  seed: number,
): Roles {
  const weightSeed = deriveSeed(seed, `initialize ${id}`);
  switch (operation.kind) {
    case 'convolution': {
      const { outChannels, kernelHeight, kernelWidth, groups } = operation;
      const fanOut = (outChannels * kernelHeight * kernelWidth) / groups;
      const shape = [outChannels, inChannels / groups, kernelHeight, kernelWidth];
      const weight = normal(shape, Math.sqrt(2 / fanOut), weightSeed);
      return operation.bias
        ? [
            ['weight', weight],
            ['bias', filled(outChannels, 0)],
          ]
        : [['weight', weight]];
    }
    case 'fully-connected': {
      const weight = normal([operation.outFeatures, features], 0.01, weightSeed);
      return operation.bias
        ? [
            ['weight', weight],
            ['bias', filled(operation.outFeatures, 0)],
          ]
        : [['weight', weight]];
    }
    case 'batch-normalization': {
      const { channels } = output;
      const [zeros, ones] = [() => filled(channels, 0), () => filled(channels, 1)];
      return [
        ['scale', ones()],
        ['shift', zeros()],
        ['mean', zeros()],
        ['variance', ones()],
      ];
    }
    default:
      return [];
  }
}

function normal(shape: readonly number[], deviation: number, seed: number): ParameterTensor {
  const random = createRandomSource(seed);
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, values: Float32Array.from({ length: count }, () => random.normal() * deviation) };
}

function filled(count: number, value: number): ParameterTensor {
  return { shape: [count], values: new Float32Array(count).fill(value) };
}
