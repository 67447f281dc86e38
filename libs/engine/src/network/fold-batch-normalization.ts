import type { Model, Network, NetworkNode, Parameters, ParameterTensor } from '@bitwright/core';

/** Layers whose output goes only into a batch normalization, with that node, by the layer's id. */
export function foldablePairs(network: Network): ReadonlyMap<string, NetworkNode> {
  const consumers = consumersOf(network);
  const pairs = new Map<string, NetworkNode>();
  for (const { id, operation } of network.nodes) {
    const isLayer = operation.kind === 'convolution' || operation.kind === 'fully-connected';
    const [next, ...others] = consumers.get(id) ?? [];
    if (isLayer && others.length === 0 && next?.operation.kind === 'batch-normalization') pairs.set(id, next);
  }
  return pairs;
}

/** The nodes that read each node's output, by its id. */
export function consumersOf(network: Network): ReadonlyMap<string, readonly NetworkNode[]> {
  const consumers = new Map<string, NetworkNode[]>();
  for (const node of network.nodes) {
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  }
  return consumers;
}

/**
 * The same function with each batch normalization (by its running statistics) moved into the layer before it, which
 * then has a bias. Normalizations that do not follow a layer directly stay.
 */
export function foldBatchNormalization({ network, parameters }: Model): Model {
  const pairs = foldablePairs(network);
  const normalizations = new Map([...pairs].map(([layer, { id }]) => [id, layer]));
  const renamed = (id: string) => normalizations.get(id) ?? id;
  const nodes = network.nodes
    .filter(({ id }) => !normalizations.has(id))
    .map((node) => ({ ...node, operation: withBias(node, pairs), inputs: node.inputs.map(renamed) }));
  const folded = new Map([...parameters].filter(([name]) => !normalizations.has(name.slice(0, name.lastIndexOf('.')))));
  for (const [layer, normalization] of pairs) {
    const { weight, bias } = foldLayer(parameters, layer, normalization);
    folded.set(`${layer}.weight`, weight).set(`${layer}.bias`, bias);
  }
  return { network: { ...network, nodes }, parameters: folded };
}

function withBias({ id, operation }: NetworkNode, pairs: ReadonlyMap<string, NetworkNode>): NetworkNode['operation'] {
  return pairs.has(id) && 'bias' in operation ? { ...operation, bias: true } : operation;
}

function foldLayer(
  parameters: Parameters,
  layer: string,
  normalization: NetworkNode,
): { weight: ParameterTensor; bias: ParameterTensor } {
  const vector = (role: string) => (parameters.get(`${normalization.id}.${role}`) as ParameterTensor).values;
  const factor = normalizationFactor(parameters, normalization);
  const [mean, shift] = [vector('mean'), vector('shift')];
  const weight = parameters.get(`${layer}.weight`) as ParameterTensor;
  const ownBias = parameters.get(`${layer}.bias`)?.values;
  const perChannel = weight.values.length / factor.length;
  const values = weight.values.map((value, index) => value * (factor[Math.floor(index / perChannel)] as number));
  const bias = shift.map(
    (value, channel) => value + (factor[channel] as number) * ((ownBias?.[channel] ?? 0) - (mean[channel] as number)),
  );
  return { weight: { shape: weight.shape, values }, bias: { shape: [factor.length], values: bias } };
}

/** What a batch normalization multiplies each channel by: scale / sqrt(variance + epsilon). */
export function normalizationFactor(parameters: Parameters, { id, operation }: NetworkNode): Float32Array {
  const epsilon = operation.kind === 'batch-normalization' ? operation.epsilon : 0;
  const scale = (parameters.get(`${id}.scale`) as ParameterTensor).values;
  const variance = (parameters.get(`${id}.variance`) as ParameterTensor).values;
  return scale.map((value, channel) => value / Math.sqrt((variance[channel] as number) + epsilon));
}
