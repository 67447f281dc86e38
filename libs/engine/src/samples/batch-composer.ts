import type { Preprocessing, RandomSource } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { wholeBatchesOf } from './batches.js';
import type { ImageBatch } from './image-batch.js';

/** Random changes of training images: mirrored left to right half of the time; moved by up to `shift` pixels each way. */
export type Augmentation = { readonly flip: boolean; readonly shift: number };

type Placement = { readonly top: number; readonly left: number; readonly flip: boolean };

/**
 * Copies the samples `indices` into one batch of `imageSize` x `imageSize` images, padded with zeros; with an
 * augmentation each image is moved and mirrored at random. What is moved out of the picture is lost.
 */
export function composeBatch(
  samples: Samples,
  indices: Uint32Array,
  { imageSize, padding }: Pick<Preprocessing, 'imageSize' | 'padding'>,
  augmentation?: Augmentation & { readonly random: RandomSource },
): ImageBatch {
  const imageBytes = imageSize * imageSize * samples.channels;
  const images = new Uint8Array(indices.length * imageBytes);
  const labels = new Int32Array(indices.length);
  indices.forEach((sample, position) => {
    const placement =
      augmentation === undefined ? { top: padding, left: padding, flip: false } : place(padding, augmentation);
    const target = images.subarray(position * imageBytes, (position + 1) * imageBytes);
    copyImage(samples, sample, target, imageSize, placement);
    labels[position] = samples.labels[sample] as number;
  });
  return { images, labels };
}

/** All samples in batches of `size` as they are, without a last one that is smaller; see {@link wholeBatchesOf}. */
export function composeWholeBatches(
  samples: Samples,
  size: number,
  preprocessing: Pick<Preprocessing, 'imageSize' | 'padding'>,
): readonly ImageBatch[] {
  return wholeBatchesOf(samples.count, size).map(({ indices }) => composeBatch(samples, indices, preprocessing));
}

function place(padding: number, { flip, shift, random }: Augmentation & { readonly random: RandomSource }): Placement {
  const move = () => padding + random.integer(2 * shift + 1) - shift;
  return { top: move(), left: move(), flip: flip && random.uniform() < 0.5 };
}

function copyImage(
  samples: Samples,
  sample: number,
  target: Uint8Array,
  size: number,
  { top, left, flip }: Placement,
): void {
  const { images, height, width, channels } = samples;
  const firstColumn = Math.max(0, -left);
  const lastColumn = Math.min(width, size - left);
  for (let row = Math.max(0, -top); row < Math.min(height, size - top); row += 1) {
    const source = (sample * height + row) * width * channels;
    const part = images.subarray(source + firstColumn * channels, source + lastColumn * channels);
    target.set(part, ((row + top) * size + left + firstColumn) * channels);
  }
  if (flip) mirror(target, size, channels);
}

function mirror(image: Uint8Array, size: number, channels: number): void {
  for (let row = 0; row < size; row += 1) {
    for (let left = 0, right = size - 1; left < right; left += 1, right -= 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const a = (row * size + left) * channels + channel;
        const b = (row * size + right) * channels + channel;
        const value = image[a] as number;
        image[a] = image[b] as number;
        image[b] = value;
      }
    }
  }
}
