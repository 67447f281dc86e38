import {
  createRandomSource,
  type Network,
  type NetworkNode,
  type Parameters,
  type ParameterTensor,
} from '@bitwright/core';

/** Random values that are repeated to fill large tensors: what a kernel takes does not depend on them. */
const PERIOD = 65_536;

/**
 * Weights that keep the variance of what passes through (uniform in ±sqrt(3 / inputs)), biases of 0: no value overflows,
 * dies out or becomes denormal, which would change how long kernels take. The same for the same network.
 */
export function madeUpParameters(network: Network): Parameters {
  const random = createRandomSource(0);
  const values = Float32Array.from({ length: PERIOD }, () => 2 * random.uniform() - 1);
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  const parameters = new Map<string, ParameterTensor>();
  for (const node of network.nodes) {
    const shape = weightShape(node, nodes.get(node.inputs[0] ?? ''));
    if (shape === undefined) continue;
    const [outputs = 1, ...rest] = shape;
    const inputs = product(rest);
    const bound = Math.sqrt(3 / inputs);
    const weight = Float32Array.from(
      { length: outputs * inputs },
      (_, index) => bound * (values[index % PERIOD] as number),
    );
    parameters.set(`${node.id}.weight`, { shape, values: weight });
    parameters.set(`${node.id}.bias`, { shape: [outputs], values: new Float32Array(outputs) });
  }
  return parameters;
}

/** OIHW or `[out, in]`; undefined for a node without a weight. */
function weightShape({ operation }: NetworkNode, source: NetworkNode | undefined): readonly number[] | undefined {
  if (source === undefined) return undefined;
  const { height, width, channels } = source.output;
  switch (operation.kind) {
    case 'convolution':
      return [operation.outChannels, channels / operation.groups, operation.kernelHeight, operation.kernelWidth];
    case 'fully-connected':
      return [operation.outFeatures, height * width * channels];
    default:
      return undefined;
  }
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
