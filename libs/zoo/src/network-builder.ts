import {
  type Network,
  type NetworkNode,
  type Operation,
  outputShape,
  type Padding,
  type TensorShape,
} from '@bitwright/core';

/** Epsilon of every batch normalization built here. */
const EPSILON = 1e-5;

export type ConvolutionOptions = {
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride?: number;
  /** 1 by default; `'depthwise'` means as many as input channels. */
  readonly groups?: number | 'depthwise';
  /** Appended after batch normalization; none leaves the output linear. */
  readonly activation?: 'relu' | 'relu6' | undefined;
};

/** Collects nodes in topological order; each method returns the id of the node whose output goes on. */
export type NetworkBuilder = {
  shapeOf(id: string): TensorShape;
  add(id: string, operation: Operation, ...inputs: string[]): string;
  /** Convolution without bias, batch normalization and activation: nodes `id`, `id.norm` and `id.relu`. */
  convolution(id: string, input: string, options: ConvolutionOptions): string;
  finish(name: string): Network;
};

/** A builder whose first node is `input`. */
export function createNetworkBuilder(input: TensorShape): NetworkBuilder {
  const nodes: NetworkNode[] = [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: input }];
  const shapes = new Map([['input', input]]);
  const shapeOf = (id: string) => shapes.get(id) as TensorShape;
  const add = (id: string, operation: Operation, ...inputs: string[]) => {
    const output = outputShape(operation, shapeOf(inputs[0] as string));
    nodes.push({ id, operation, inputs, output });
    shapes.set(id, output);
    return id;
  };
  const convolution = (id: string, from: string, options: ConvolutionOptions) => {
    const convolved = add(id, convolutionOperation(shapeOf(from).channels, options), from);
    const normalized = add(`${id}.norm`, { kind: 'batch-normalization', epsilon: EPSILON }, convolved);
    return options.activation === undefined ? normalized : add(`${id}.relu`, { kind: options.activation }, normalized);
  };
  const finish = (name: string) => ({
    name,
    input,
    classes: shapeOf((nodes.at(-1) as NetworkNode).id).channels,
    nodes,
  });
  return { shapeOf, add, convolution, finish };
}

/** Padding is the same on every side and keeps the size at stride 1, as PyTorch's networks have it. */
function convolutionOperation(inChannels: number, options: ConvolutionOptions): Operation {
  const { outChannels, kernel, stride = 1, groups = 1 } = options;
  return {
    kind: 'convolution',
    outChannels,
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideHeight: stride,
    strideWidth: stride,
    padding: samePadding(kernel),
    groups: groups === 'depthwise' ? inChannels : groups,
    bias: false,
  };
}

function samePadding(kernel: number): Padding {
  const side = (kernel - 1) / 2;
  return { top: side, left: side, bottom: side, right: side };
}

/** Ends a classifier: global average pooling `pool` and the fully connected `classifier`. */
export function addClassifier(builder: NetworkBuilder, features: string, classes: number): string {
  const pooled = builder.add('pool', { kind: 'global-average-pool' }, features);
  return builder.add('classifier', { kind: 'fully-connected', outFeatures: classes, bias: true }, pooled);
}
