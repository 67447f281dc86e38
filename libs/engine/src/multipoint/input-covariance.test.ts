import { createRandomSource, deriveLayers, type Layer, type Network, type Operation } from '@bitwright/core';
import { afterAll, describe, expect, it } from 'vitest';
import { createInputCovariance } from './input-covariance.js';
import { readPatches } from './input-patches.js';
import { createMatrixProducts } from './matrix-products.js';

const products = createMatrixProducts();
afterAll(() => products[Symbol.dispose]());

const random = createRandomSource(3);
const normal = (length: number) => Float32Array.from({ length }, () => random.normal());

/** A convolution over 6 x 6 images, as a network of one layer. */
function convolution(channels: number, outChannels: number, groups: number, stride: number) {
  const padding = { top: 1, left: 1, bottom: 1, right: 1 };
  const operation = {
    ...{ kind: 'convolution', outChannels, groups, bias: false, padding },
    ...{ kernelHeight: 3, kernelWidth: 3, strideHeight: stride, strideWidth: stride },
  } as Operation;
  const input = { channels, height: 6, width: 6 };
  const output = { channels: outChannels, height: 6 / stride, width: 6 / stride };
  const nodes = [
    { id: 'input', operation: { kind: 'input' }, inputs: [], output: input },
    { id: 'layer', operation, inputs: ['input'], output },
  ] as Network['nodes'];
  const [layer] = deriveLayers({ name: 'one', input, classes: 1, nodes }) as [Layer];
  return { layer, operation, padding };
}

const CASES = [
  ['all channels', convolution(3, 4, 1, 1)],
  ['two groups', convolution(4, 6, 2, 2)],
  ['each channel alone', convolution(5, 5, 5, 2)],
] as const;

describe.each(CASES)('a layer that reads %s', (_, { layer, operation, padding }) => {
  const { groups, inChannels, outChannels } = layer;
  const size = (inChannels / groups) * 9;
  const IMAGES = 4;
  const values = normal(IMAGES * 36 * inChannels);

  it('reads a window of its input for each group, zeros beyond the image', () => {
    const places = [
      { image: 0, y: 0, x: 0 },
      { image: 3, y: 2, x: 1 },
    ];
    const patches = readPatches(values, layer, padding, places);
    places.forEach(({ image, y, x }, row) => {
      for (let at = 0; at < inChannels * 9; at += 1) {
        const [channel, inY, inX] = [
          Math.floor(at / 9),
          y * layer.stride + Math.floor((at % 9) / 3) - 1,
          x * layer.stride + (at % 3) - 1,
        ];
        const isInside = inY >= 0 && inY < 6 && inX >= 0 && inX < 6;
        const expected = isInside ? values[((image * 6 + inY) * 6 + inX) * inChannels + channel] : 0;
        const group = Math.floor(at / size);
        expect(patches[(group * places.length + row) * size + (at % size)]).toBe(expected);
      }
    });
  });

  it('knows the variances of outputs, and weighs vectors of every channel with them', () => {
    const covariance = createInputCovariance(layer, operation, products);
    expect(covariance.of(0)).toEqual(new Float64Array(size * size));
    // The same places are drawn again, in two batches.
    const half = values.length / 2;
    const drawing = createRandomSource(8);
    covariance.add(values.subarray(0, half), IMAGES / 2, 5, drawing);
    covariance.add(values.subarray(half), IMAGES / 2, 5, drawing);
    const again = createRandomSource(8);
    const places = Array.from({ length: IMAGES * 5 }, (_, index) => ({
      image: Math.floor(index / 5),
      y: again.integer(layer.outputHeight),
      x: again.integer(layer.outputWidth),
    }));
    const patches = readPatches(values, layer, padding, places);
    const vectors = Array.from({ length: outChannels }, (_, channel) =>
      Array.from({ length: 1 + (channel % 3) }, () => normal(size)),
    );
    const seen: number[] = [];
    covariance.weigh(vectors, (channel, weighed) => {
      seen.push(channel);
      expect(weighed).toHaveLength(vectors[channel]?.length as number);
      const group = Math.floor((channel * groups) / outChannels);
      vectors[channel]?.forEach((vector, index) => {
        const outputs = places.map((_, row) =>
          vector.reduce(
            (sum, one, at) => sum + one * (patches[(group * places.length + row) * size + at] as number),
            0,
          ),
        );
        const mean = outputs.reduce((sum, one) => sum + one, 0) / outputs.length;
        const variance = outputs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / outputs.length;
        const found = vector.reduce((sum, one, at) => sum + one * (weighed[index]?.[at] as number), 0);
        expect(found).toBeCloseTo(variance, 9);
        const row = covariance.of(channel).subarray(0, size);
        const first = row.reduce((sum, one, at) => sum + one * (vector[at] as number), 0);
        expect(weighed[index]?.[0]).toBeCloseTo(first, 9);
      });
    });
    expect(seen.toSorted((a, b) => a - b)).toEqual(vectors.map((_, channel) => channel));
  });
});
