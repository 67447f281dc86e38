import type { Padding, TensorShape } from '@bitwright/core';
import type { NodeProto } from '../gen/onnx/onnx.js';
import { readInt, readInts, readText } from '../wire/attributes.js';
import { nodeError } from './graph-reader.js';

/** Kernel, stride and padding of a convolution or pooling node, as the core's operations hold them. */
export type Window = {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padding: Padding;
};

/** Reads a window. Throws `MODEL_UNSUPPORTED` for dilation, rounding up, unequal strides and other than 2 dimensions. */
export function readWindow(node: NodeProto, input: TensorShape, kernelShape: readonly number[]): Window {
  const kernel = readInts(node, 'kernel_shape', kernelShape);
  const strides = readInts(node, 'strides', [1, 1]);
  const dilations = readInts(node, 'dilations', [1, 1]);
  if (kernel.length !== 2 || strides.length !== 2)
    throw unsupported(node, 'only windows of 2 dimensions are supported');
  if (dilations.some((dilation) => dilation !== 1))
    throw unsupported(node, `dilations ${dilations.join(', ')} are not supported`);
  if (readInt(node, 'ceil_mode', 0) !== 0) throw unsupported(node, 'ceil_mode is not supported');
  const [kernelHeight = 1, kernelWidth = 1] = kernel;
  const [strideHeight = 1, strideWidth = 1] = strides;
  if (strideHeight !== strideWidth) throw unsupported(node, `unequal strides ${strides.join(', ')} are not supported`);
  const window = { kernelHeight, kernelWidth, strideHeight, strideWidth };
  return { ...window, padding: readPadding(node, input, window) };
}

function readPadding(node: NodeProto, input: TensorShape, window: Omit<Window, 'padding'>): Padding {
  const automatic = readText(node, 'auto_pad', 'NOTSET');
  if (automatic === 'SAME_UPPER' || automatic === 'SAME_LOWER') {
    const [top, bottom] = samePadding(input.height, window.kernelHeight, window.strideHeight, automatic);
    const [left, right] = samePadding(input.width, window.kernelWidth, window.strideWidth, automatic);
    return { top, left, bottom, right };
  }
  const [top = 0, left = 0, bottom = 0, right = 0] = automatic === 'VALID' ? [] : readInts(node, 'pads', []);
  if (Math.min(top, left, bottom, right) < 0) throw unsupported(node, 'negative padding is not supported');
  return { top, left, bottom, right };
}

/** Padding before and after that makes the output ceil(size / stride); an odd one is after for SAME_UPPER. */
function samePadding(size: number, kernel: number, stride: number, mode: string): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return mode === 'SAME_UPPER' ? [less, more] : [more, less];
}

const unsupported = (node: NodeProto, problem: string) => nodeError('MODEL_UNSUPPORTED', node, problem);
