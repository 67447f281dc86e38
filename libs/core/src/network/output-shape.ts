import type { Operation, Padding, TensorShape } from './network.js';

type Window = {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padding: Padding;
};

/** Shape of what an operation gives for one image, from the shape of its (first) input; windows round down. */
export function outputShape(operation: Operation, input: TensorShape): TensorShape {
  switch (operation.kind) {
    case 'input':
    case 'batch-normalization':
    case 'relu':
    case 'relu6':
    case 'add':
      return input;
    case 'convolution':
      return { ...windowed(operation, input), channels: operation.outChannels };
    case 'max-pool':
    case 'average-pool':
      return { ...windowed(operation, input), channels: input.channels };
    case 'global-average-pool':
      return { height: 1, width: 1, channels: input.channels };
    case 'flatten':
      return { height: 1, width: 1, channels: input.height * input.width * input.channels };
    case 'fully-connected':
      return { height: 1, width: 1, channels: operation.outFeatures };
  }
}

function windowed(window: Window, { height, width }: TensorShape): { height: number; width: number } {
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, padding } = window;
  return {
    height: Math.floor((height + padding.top + padding.bottom - kernelHeight) / strideHeight) + 1,
    width: Math.floor((width + padding.left + padding.right - kernelWidth) / strideWidth) + 1,
  };
}
