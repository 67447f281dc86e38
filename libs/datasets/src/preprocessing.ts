import type { Network, Preprocessing, TensorShape } from '@bitwright/core';
import { datasetError, imageLength, type Samples } from './samples.js';

/** Size and channels of an input: `[imageSize, imageSize, channels]`. */
export function inputLength(samples: Samples, { imageSize }: Preprocessing): number {
  return imageSize * imageSize * samples.channels;
}

/** Mean and standard deviation of each channel over all pixels, of values scaled to 0..1, to 4 decimals. */
export function channelStatistics(samples: Samples): { mean: number[]; std: number[] } {
  const { channels } = samples;
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  const { images } = samples;
  for (let index = 0; index < images.length; index += 1) {
    const histogram = histograms[index % channels] as Float64Array;
    const value = images[index] as number;
    histogram[value] = (histogram[value] as number) + 1;
  }
  const count = images.length / channels;
  const moment = (histogram: Float64Array, power: number) =>
    histogram.reduce((sum, occurrences, value) => sum + occurrences * (value / 255) ** power, 0) / count;
  const mean = histograms.map((histogram) => moment(histogram, 1));
  const std = histograms.map((histogram, channel) => Math.sqrt(moment(histogram, 2) - (mean[channel] as number) ** 2));
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return { mean: mean.map(round), std: std.map((value) => Math.max(round(value), 1e-4)) };
}

/**
 * Throws `DATASET_SHAPE`, naming both sides, unless the images, padded, are the network's input and the labels fit
 * its classes.
 */
export function assertDataFits(
  network: Network,
  data: { readonly name: string; readonly classes: number; readonly imageShape: TensorShape },
  { padding, imageSize, mean, std }: Preprocessing,
): void {
  const { height, width, channels } = data.imageShape;
  const found = `${height + 2 * padding} x ${width + 2 * padding} x ${channels}`;
  const { input } = network;
  const expected = `${input.height} x ${input.width} x ${input.channels}`;
  if (found !== expected || imageSize !== input.height) {
    const images = `images of ${data.name} are ${height} x ${width} x ${channels}, with padding ${padding} ${found}`;
    throw datasetError('DATASET_SHAPE', `${images}; ${network.name} takes ${expected}`);
  }
  if (mean.length !== channels || std.length !== channels) {
    throw datasetError(
      'DATASET_SHAPE',
      `the preprocessing has ${mean.length} means and ${std.length} stds for ${channels} channels`,
    );
  }
  if (data.classes > network.classes) {
    const message = `${data.name} has ${data.classes} classes, ${network.name} only ${network.classes} outputs`;
    throw datasetError('DATASET_SHAPE', message);
  }
}

/**
 * Turns samples into network inputs, float32 NHWC `[indices.length, imageSize, imageSize, channels]`: padded with raw
 * zeros, scaled to 0..1, then (x - mean) / std.
 */
export function createInputs(samples: Samples, indices: ArrayLike<number>, preprocessing: Preprocessing): Float32Array {
  const tables = lookupTables(preprocessing);
  const length = inputLength(samples, preprocessing);
  const inputs = new Float32Array(indices.length * length);
  for (let position = 0; position < indices.length; position += 1) {
    const input = inputs.subarray(position * length, (position + 1) * length);
    writeInput(samples, indices[position] as number, input, preprocessing, tables);
  }
  return inputs;
}

/** The labels at these positions. */
export function selectLabels(samples: Samples, indices: ArrayLike<number>): Int32Array {
  return Int32Array.from(indices, (index) => samples.labels[index] as number);
}

/** The input value of each raw pixel value, one table of 256 a channel. */
function lookupTables({ mean, std }: Preprocessing): Float32Array[] {
  return mean.map((average, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - average) / (std[channel] as number)),
  );
}

function writeInput(
  samples: Samples,
  index: number,
  input: Float32Array,
  { imageSize, padding }: Preprocessing,
  tables: readonly Float32Array[],
): void {
  const { height, width, channels } = samples;
  const image = index * imageLength(samples);
  let target = 0;
  for (let row = 0; row < imageSize; row += 1) {
    const sourceRow = row - padding;
    const isRowInside = sourceRow >= 0 && sourceRow < height;
    for (let column = 0; column < imageSize; column += 1) {
      const sourceColumn = column - padding;
      const isInside = isRowInside && sourceColumn >= 0 && sourceColumn < width;
      const source = image + (sourceRow * width + sourceColumn) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        const raw = isInside ? (samples.images[source + channel] as number) : 0;
        input[target] = (tables[channel] as Float32Array)[raw] as number;
        target += 1;
      }
    }
  }
}
