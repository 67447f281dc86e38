import type { Layer } from '@bitwright/core';
import { macsOf } from '../layer-shape.js';

type ConvolutionOptions = {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Output height and width. */
  readonly size: number;
  /** Default 1. */
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
};

/** A convolution with square kernel and feature maps, for tests; pointwise where the kernel is 1 and groups are 1. */
export function convolutionLayer(options: ConvolutionOptions): Layer {
  const { inChannels, outChannels, size, kernel = 1, stride = 1, groups = 1 } = options;
  const kind =
    groups > 1 && groups === inChannels ? 'depthwise' : kernel === 1 && groups === 1 ? 'pointwise' : 'convolution';
  const sides = { inputHeight: size * stride, inputWidth: size * stride, outputHeight: size, outputWidth: size };
  const shape = { inChannels, outChannels, kernelHeight: kernel, kernelWidth: kernel, stride, groups };
  return completeLayer({ kind, ...shape, ...sides });
}

/** A depthwise convolution, for tests. */
export function depthwiseLayer(options: { channels: number; size: number; kernel?: number; stride?: number }): Layer {
  const { channels, size, kernel = 3, stride = 1 } = options;
  return convolutionLayer({ inChannels: channels, outChannels: channels, groups: channels, size, kernel, stride });
}

/** A fully connected layer, for tests. */
export function fullyConnectedLayer(inFeatures: number, outFeatures: number): Layer {
  return {
    ...convolutionLayer({ inChannels: inFeatures, outChannels: outFeatures, size: 1 }),
    kind: 'fully-connected',
  };
}

type Derived =
  | 'index'
  | 'name'
  | 'macs'
  | 'weights'
  | 'inputElements'
  | 'outputElements'
  | 'inputTensor'
  | 'inputSigned';

function completeLayer(shape: Omit<Layer, Derived>): Layer {
  const macs = macsOf(shape);
  return {
    ...shape,
    index: 0,
    name: shape.kind,
    macs,
    weights: macs / (shape.outputHeight * shape.outputWidth),
    inputElements: shape.inChannels * shape.inputHeight * shape.inputWidth,
    outputElements: shape.outChannels * shape.outputHeight * shape.outputWidth,
    inputTensor: 'input',
    inputSigned: false,
  };
}

/** A small network of every kind of layer, early and late, with sizes that no array divides; 1st and last are dense. */
export const SAMPLE_LAYERS: readonly Layer[] = [
  convolutionLayer({ inChannels: 3, outChannels: 32, size: 32, kernel: 3, stride: 2 }),
  depthwiseLayer({ channels: 32, size: 32 }),
  convolutionLayer({ inChannels: 32, outChannels: 53, size: 32 }),
  convolutionLayer({ inChannels: 53, outChannels: 64, size: 16, kernel: 3, stride: 2 }),
  convolutionLayer({ inChannels: 64, outChannels: 64, size: 16, kernel: 3, groups: 8 }),
  depthwiseLayer({ channels: 64, size: 7, kernel: 5, stride: 2 }),
  convolutionLayer({ inChannels: 64, outChannels: 640, size: 7 }),
  fullyConnectedLayer(640, 10),
].map((layer, index) => ({ ...layer, index, name: `${index}-${layer.kind}` }));
