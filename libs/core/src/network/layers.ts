import type { Network, NetworkNode, TensorShape } from './network.js';

export type LayerKind = 'convolution' | 'pointwise' | 'depthwise' | 'fully-connected';

/**
 * A quantizable layer: one convolution or fully connected node. Its activation precision is that of its *input*
 * tensor. MACs and element counts are for one image.
 */
export type Layer = {
  /** Position among the quantizable layers, from 0. */
  readonly index: number;
  /** The network node; also the layer's name in reports. */
  readonly name: string;
  readonly kind: LayerKind;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** Stride, equal in both directions; 1 for a fully connected layer. */
  readonly stride: number;
  readonly groups: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly macs: number;
  /** Number of weights, bias not counted. */
  readonly weights: number;
  readonly inputElements: number;
  readonly outputElements: number;
  /** Id of the node whose output this layer reads; layers that read the same tensor form a tie group. */
  readonly inputTensor: string;
  /** Whether that tensor can be negative, so that its quantizer must be signed. */
  readonly inputSigned: boolean;
};

/** The quantizable layers of a network, in topological order. */
export function deriveLayers(network: Network): readonly Layer[] {
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  const signed = signedTensors(network);
  const layers: Layer[] = [];
  for (const node of network.nodes) {
    const source = nodes.get(node.inputs[0] ?? '');
    if (source === undefined) continue;
    const layer = toLayer(node, source, layers.length, signed.has(source.id));
    if (layer !== undefined) layers.push(layer);
  }
  return layers;
}

const elements = (shape: TensorShape) => shape.height * shape.width * shape.channels;

function toLayer(node: NetworkNode, source: NetworkNode, index: number, inputSigned: boolean): Layer | undefined {
  const operation = node.operation;
  const common = {
    index,
    name: node.id,
    inputElements: elements(source.output),
    outputElements: elements(node.output),
    inputTensor: source.id,
    inputSigned,
  };
  if (operation.kind === 'fully-connected') {
    const inFeatures = elements(source.output);
    const size = { inputHeight: 1, inputWidth: 1, outputHeight: 1, outputWidth: 1 };
    const kernel = { kernelHeight: 1, kernelWidth: 1, stride: 1, groups: 1 };
    const weights = inFeatures * operation.outFeatures;
    const channels = { inChannels: inFeatures, outChannels: operation.outFeatures };
    return { ...common, kind: 'fully-connected', ...channels, ...kernel, ...size, macs: weights, weights };
  }
  if (operation.kind !== 'convolution') return undefined;
  const inChannels = source.output.channels;
  const { outChannels, kernelHeight, kernelWidth, groups } = operation;
  const weights = (outChannels * inChannels * kernelHeight * kernelWidth) / groups;
  return {
    ...common,
    kind: convolutionKind(inChannels, groups, kernelHeight * kernelWidth),
    inChannels,
    outChannels,
    kernelHeight,
    kernelWidth,
    stride: operation.strideHeight,
    groups,
    inputHeight: source.output.height,
    inputWidth: source.output.width,
    outputHeight: node.output.height,
    outputWidth: node.output.width,
    macs: weights * node.output.height * node.output.width,
    weights,
  };
}

function convolutionKind(inChannels: number, groups: number, kernelArea: number): LayerKind {
  if (groups > 1 && groups === inChannels) return 'depthwise';
  return kernelArea === 1 && groups === 1 ? 'pointwise' : 'convolution';
}

/** Ids of nodes whose output can be negative: all but rectified tensors and what pools or adds only such tensors. */
export function signedTensors(network: Network): ReadonlySet<string> {
  const signed = new Set<string>();
  for (const { id, inputs, operation } of network.nodes) {
    const kind = operation.kind;
    if (kind === 'relu' || kind === 'relu6') continue;
    const keepsSign = ['add', 'max-pool', 'average-pool', 'global-average-pool', 'flatten'].includes(kind);
    if (!keepsSign || inputs.some((input) => signed.has(input))) signed.add(id);
  }
  return signed;
}
