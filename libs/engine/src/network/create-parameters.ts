import type { Network, NetworkNode, Parameters, ParameterTensor, RandomSource } from '@bitwright/core';

/**
 * Fresh parameters for training from scratch: He initialization over the fan-out for convolutions (as the MobileNet
 * and ResNet recipes do), normal with deviation 0.01 for fully connected layers, batch normalization as identity.
 */
export function createParameters(network: Network, random: RandomSource): Parameters {
  const shapes = parameterShapes(network);
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  return new Map(
    [...shapes].map(([name, shape]) => {
      const separator = name.lastIndexOf('.');
      const node = nodes.get(name.slice(0, separator)) as NetworkNode;
      return [name, initialTensor(node, name.slice(separator + 1), shape, random)];
    }),
  );
}

/** The shape of every parameter of a network, in the order of its nodes (OIHW, OI, vectors). */
export function parameterShapes(network: Network): ReadonlyMap<string, readonly number[]> {
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  const shapes = new Map<string, readonly number[]>();
  for (const { id, operation, inputs } of network.nodes) {
    const input = nodes.get(inputs[0] ?? '')?.output;
    if (input === undefined) continue;
    if (operation.kind === 'batch-normalization') {
      for (const role of ['scale', 'shift', 'mean', 'variance']) shapes.set(`${id}.${role}`, [input.channels]);
    } else if (operation.kind === 'convolution') {
      const { outChannels, kernelHeight, kernelWidth, groups } = operation;
      shapes.set(`${id}.weight`, [outChannels, input.channels / groups, kernelHeight, kernelWidth]);
      if (operation.bias) shapes.set(`${id}.bias`, [outChannels]);
    } else if (operation.kind === 'fully-connected') {
      shapes.set(`${id}.weight`, [operation.outFeatures, input.height * input.width * input.channels]);
      if (operation.bias) shapes.set(`${id}.bias`, [operation.outFeatures]);
    }
  }
  return shapes;
}

function initialTensor(
  node: NetworkNode,
  role: string,
  shape: readonly number[],
  random: RandomSource,
): ParameterTensor {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (role === 'scale' || role === 'variance') values.fill(1);
  if (role === 'weight') {
    const deviation = weightDeviation(node, shape);
    for (let index = 0; index < values.length; index += 1) values[index] = deviation * random.normal();
  }
  return { shape, values };
}

function weightDeviation({ operation }: NetworkNode, shape: readonly number[]): number {
  if (operation.kind !== 'convolution') return 0.01;
  const [outChannels = 1, , height = 1, width = 1] = shape;
  return Math.sqrt(2 / ((outChannels / operation.groups) * height * width));
}
