import { BitwrightError, type TensorShape } from '@bitwright/core';

/**
 * Images of one size with their labels, as they came: `images` is uint8 NHWC (`count * height * width * channels`
 * values, not padded, not normalized), labels count from 0.
 */
export type Samples = TensorShape & {
  readonly count: number;
  readonly images: Uint8Array;
  readonly labels: Int32Array;
};

/** Values of one image. */
export function imageLength({ height, width, channels }: TensorShape): number {
  return height * width * channels;
}

/**
 * Checks that images and labels belong together. Throws `invalid_argument` with reason `DATASET_COUNT` when their
 * counts differ and `DATASET_EMPTY` when there are none; `source` is named in the message.
 */
export function createSamples(images: Uint8Array, shape: TensorShape, labels: Int32Array, source: string): Samples {
  const count = images.length / imageLength(shape);
  if (count !== labels.length) {
    throw datasetError('DATASET_COUNT', `${source} has ${count} images but ${labels.length} labels`);
  }
  if (count === 0) throw datasetError('DATASET_EMPTY', `${source} has no images`);
  return { ...shape, count, images, labels };
}

/** The samples at these positions, copied. */
export function selectSamples(samples: Samples, indices: ArrayLike<number>): Samples {
  const length = imageLength(samples);
  const images = new Uint8Array(indices.length * length);
  const labels = new Int32Array(indices.length);
  for (let position = 0; position < indices.length; position += 1) {
    const index = indices[position] as number;
    images.set(samples.images.subarray(index * length, (index + 1) * length), position * length);
    labels[position] = samples.labels[index] as number;
  }
  return { ...samples, count: indices.length, images, labels };
}

/** Throws `DATASET_LABELS`, naming the first sample, when a label is not in 0..classes-1. */
export function assertLabels(samples: Samples, classes: number, source: string): void {
  const index = samples.labels.findIndex((label) => label < 0 || label >= classes);
  if (index < 0) return;
  const found = `label ${samples.labels[index]} of sample ${index} is out of range`;
  throw datasetError('DATASET_LABELS', `${source}: ${found}; with ${classes} classes labels are 0..${classes - 1}`);
}

/** A refusal of the data: `invalid_argument`. */
export function datasetError(reason: string, message: string, cause?: unknown): BitwrightError {
  return new BitwrightError('invalid_argument', reason, message, { cause });
}
