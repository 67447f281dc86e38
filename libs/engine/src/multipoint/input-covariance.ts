import type { Layer, Operation, RandomSource } from '@bitwright/core';
import { NO_PADDING } from '../operations/convolution.js';
import { type Place, readPatches } from './input-patches.js';
import type { MatrixProducts } from './matrix-products.js';
import { type GroupedChannels, type Vectors, weighChannels } from './weigh-channels.js';

/** Covariances of what a layer's output channels read: one for each group. */
export interface InputCovariance {
  /** Adds `positions` places of each image of a batch, drawn at random. */
  add(values: Float32Array, images: number, positions: number, random: RandomSource): void;
  /** Of the channel, `size` x `size` in the order of its weights; zeros before anything was added. */
  of(channel: number): Float64Array;
  /** Each channel's vectors times its covariance; what `visit` gets is good until it returns. */
  weigh(vectors: readonly Vectors[], visit: (channel: number, weighed: readonly Float64Array[]) => void): void;
}

/** A running covariance of one layer's input, NHWC. */
export function createInputCovariance(
  layer: Layer,
  operation: Operation,
  multiplication: MatrixProducts,
): InputCovariance {
  const { groups, inChannels, outChannels, kernelHeight, kernelWidth } = layer;
  const channels = { groups, outChannels, size: (inChannels / groups) * kernelHeight * kernelWidth };
  const padding = operation.kind === 'convolution' ? operation.padding : NO_PADDING;
  const sums = createSums(channels);
  let known: Float64Array | undefined;
  const covariances = () => {
    known ??= covariancesOf(sums, channels);
    return known;
  };
  return {
    add: (values, images, positions, random) => {
      const places = drawPlaces(layer, images, positions, random);
      const patches = readPatches(values, layer, padding, places);
      const shape = { count: groups, rows: places.length, columns: channels.size };
      addPatches(sums, patches, multiplication.gram(patches, shape), places.length);
      known = undefined;
    },
    of: (channel) => {
      const group = Math.floor((channel * groups) / outChannels);
      return covariances().subarray(group * channels.size ** 2, (group + 1) * channels.size ** 2);
    },
    weigh: (vectors, visit) => weighChannels(multiplication, covariances(), channels, vectors, visit),
  };
}

function drawPlaces(
  { outputHeight, outputWidth }: Layer,
  images: number,
  positions: number,
  random: RandomSource,
): readonly Place[] {
  return Array.from({ length: images * positions }, (_, index) => ({
    image: Math.floor(index / positions),
    y: random.integer(outputHeight),
    x: random.integer(outputWidth),
  }));
}

/** Of all groups, one behind the other. */
type Sums = {
  count: number;
  /** Of each value that a group's channels read. */
  readonly totals: Float64Array;
  /** Of the products of each two of them. */
  readonly products: Float64Array;
};

const createSums = ({ groups, size }: GroupedChannels): Sums => ({
  count: 0,
  totals: new Float64Array(groups * size),
  products: new Float64Array(groups * size * size),
});

function addPatches(sums: Sums, patches: Float32Array, gram: Float64Array, rows: number): void {
  const { totals, products } = sums;
  const size = products.length / totals.length;
  sums.count += rows;
  for (let group = 0, at = 0; at < patches.length; group += size) {
    for (let row = 0; row < rows; row += 1) {
      for (let index = group; index < group + size; index += 1, at += 1)
        totals[index] = (totals[index] as number) + (patches[at] as number);
    }
  }
  for (let at = 0; at < gram.length; at += 1) products[at] = (products[at] as number) + (gram[at] as number);
}

function covariancesOf({ count, totals, products }: Sums, { size }: GroupedChannels): Float64Array {
  const covariances = new Float64Array(products.length);
  if (count === 0) return covariances;
  for (let row = 0; row < totals.length; row += 1) {
    const group = row - (row % size);
    for (let column = 0, at = row * size; column < size; column += 1, at += 1)
      covariances[at] =
        (products[at] as number) / count -
        ((totals[row] as number) / count) * ((totals[group + column] as number) / count);
  }
  return covariances;
}
