import { type Layer, type Network, type NetworkNode, type Operation, outputShape } from '@bitwright/core';

/** What a layer's kernel depends on. */
export type TimedLayer = Pick<
  Layer,
  | 'kind'
  | 'inChannels'
  | 'outChannels'
  | 'kernelHeight'
  | 'kernelWidth'
  | 'stride'
  | 'groups'
  | 'inputHeight'
  | 'inputWidth'
  | 'outputHeight'
  | 'outputWidth'
> & { readonly inputSigned?: boolean | undefined };

/**
 * A network of one layer, named `layer`, behind a rectifier where its input is not negative. Throws a RangeError for sizes
 * that no padding makes fit.
 */
export function layerNetwork(layer: TimedLayer): Network {
  const { inputHeight: height, inputWidth: width, inChannels: channels } = layer;
  const shape = { height, width, channels };
  const nodes: NetworkNode[] = [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: shape }];
  if (layer.inputSigned !== true) {
    nodes.push({ id: 'rectified', operation: { kind: 'relu' }, inputs: ['input'], output: shape });
  }
  const operation = operationOf(layer);
  const output = outputShape(operation, shape);
  nodes.push({ id: 'layer', operation, inputs: [nodes.at(-1)?.id as string], output });
  return { name: 'layer', input: shape, classes: layer.outChannels, nodes };
}

function operationOf(layer: TimedLayer): Operation {
  if (layer.kind === 'fully-connected') return { kind: 'fully-connected', outFeatures: layer.outChannels, bias: true };
  const { kernelHeight, kernelWidth, stride, groups, outChannels } = layer;
  const vertical = paddingOf(layer.inputHeight, layer.outputHeight, kernelHeight, stride);
  const horizontal = paddingOf(layer.inputWidth, layer.outputWidth, kernelWidth, stride);
  const padding = { top: vertical.before, left: horizontal.before, bottom: vertical.after, right: horizontal.after };
  const strides = { strideHeight: stride, strideWidth: stride };
  return { kind: 'convolution', outChannels, kernelHeight, kernelWidth, ...strides, padding, groups, bias: true };
}

/** As little padding as the sizes ask for, the odd pixel at the end. */
function paddingOf(input: number, output: number, kernel: number, stride: number) {
  const needed = Math.max(0, (output - 1) * stride + kernel - input);
  if (needed >= 2 * kernel || Math.floor((input + needed - kernel) / stride) + 1 !== output) {
    throw new RangeError(`${input} pixels do not become ${output} with a kernel of ${kernel} and stride ${stride}`);
  }
  const before = Math.floor(needed / 2);
  return { before, after: needed - before };
}
