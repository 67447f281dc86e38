import type { Layer, Operation, RandomSource } from '@bitwright/core';
import { createCovariance } from '@bitwright/quantizers';

/** Covariances of what a layer's output channels read: one for each group. */
export interface InputCovariance {
  /** Adds `positions` places of each image of a batch, drawn at random. */
  add(values: Float32Array, images: number, positions: number, random: RandomSource): void;
  /** Of the channel, `size` x `size` in the order of its weights. */
  of(channel: number): Float64Array;
}

type Padding = { readonly top: number; readonly left: number };

/** A running covariance of one layer's input, NHWC. */
export function createInputCovariance(layer: Layer, operation: Operation): InputCovariance {
  const { groups, inChannels, outChannels, kernelHeight, kernelWidth } = layer;
  const size = (inChannels / groups) * kernelHeight * kernelWidth;
  const sums = Array.from({ length: groups }, () => createCovariance(size));
  const padding: Padding = operation.kind === 'convolution' ? operation.padding : { top: 0, left: 0 };
  const row = new Float32Array(size);
  let matrices: readonly Float64Array[] | undefined;
  return {
    add: (values, images, positions, random) => {
      matrices = undefined;
      for (let image = 0; image < images; image += 1) {
        for (let place = 0; place < positions; place += 1) {
          const at = { image, y: random.integer(layer.outputHeight), x: random.integer(layer.outputWidth) };
          sums.forEach((sum, group) => {
            readPatch(values, layer, padding, at, group, row);
            sum.add(row);
          });
        }
      }
    },
    of: (channel) => {
      matrices ??= sums.map((sum) => sum.matrix());
      return matrices[Math.floor((channel * groups) / outChannels)] as Float64Array;
    },
  };
}

type Place = { readonly image: number; readonly y: number; readonly x: number };

/** What a group's channels read for one output, in the order of their weights: input channel, row, column. */
function readPatch(
  values: Float32Array,
  { inChannels, groups, kernelHeight, kernelWidth, stride, inputHeight, inputWidth }: Layer,
  { top, left }: Padding,
  { image, y, x }: Place,
  group: number,
  row: Float32Array,
): void {
  const perGroup = inChannels / groups;
  for (let ky = 0; ky < kernelHeight; ky += 1) {
    for (let kx = 0; kx < kernelWidth; kx += 1) {
      const [inY, inX] = [y * stride + ky - top, x * stride + kx - left];
      const isInside = inY >= 0 && inY < inputHeight && inX >= 0 && inX < inputWidth;
      const from = ((image * inputHeight + inY) * inputWidth + inX) * inChannels + group * perGroup;
      for (let channel = 0; channel < perGroup; channel += 1)
        row[(channel * kernelHeight + ky) * kernelWidth + kx] = isInside ? (values[from + channel] as number) : 0;
    }
  }
}
