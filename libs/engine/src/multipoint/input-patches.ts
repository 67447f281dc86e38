import type { Layer, Padding } from '@bitwright/core';

/** An output's place. */
export type Place = { readonly image: number; readonly y: number; readonly x: number };

/**
 * What a layer reads for outputs at some places of its NHWC input: for each group a row for each place, in the order of
 * its weights (input channel, row, column), zeros beyond the image.
 */
export function readPatches(
  values: Float32Array,
  layer: Layer,
  { top, left }: Padding,
  places: readonly Place[],
): Float32Array {
  const { inChannels, groups, kernelHeight, kernelWidth, stride, inputHeight, inputWidth } = layer;
  const window = kernelHeight * kernelWidth;
  const groupChannels = inChannels / groups;
  const patches = new Float32Array(places.length * inChannels * window);
  places.forEach(({ image, y, x }, row) => {
    for (let tap = 0; tap < window; tap += 1) {
      const inY = y * stride + Math.floor(tap / kernelWidth) - top;
      const inX = x * stride + (tap % kernelWidth) - left;
      if (inY < 0 || inY >= inputHeight || inX < 0 || inX >= inputWidth) continue;
      let from = ((image * inputHeight + inY) * inputWidth + inX) * inChannels;
      for (let group = 0; group < groups; group += 1) {
        let to = (group * places.length + row) * groupChannels * window + tap;
        for (let channel = 0; channel < groupChannels; channel += 1, from += 1, to += window)
          patches[to] = values[from] as number;
      }
    }
  });
  return patches;
}
