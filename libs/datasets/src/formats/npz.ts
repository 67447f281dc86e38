import { BitwrightError } from '@bitwright/core';
import { type NpyArray, type NpyType, readNpy } from '@bitwright/npy';
import { type Unzipped, unzipSync } from 'fflate';
import { createSamples, datasetError, type Samples } from '../samples.js';
import { MAX_FILE_BYTES, readDataFile } from './data-file.js';
import { countClasses, digestFiles, type RawDataset } from './raw-dataset.js';

/** Images are bytes, labels integers of any width. */
const TYPES = ['|u1', '|i1', '|b1', '<u2', '<i2', '<u4', '<i4', '<u8', '<i8'] as const satisfies readonly NpyType[];

/** Reads an array of an NPZ file. Throws `DATASET_CORRUPT` for anything but a complete array of integers in C order. */
function parseNpy(name: string, bytes: Uint8Array): NpyArray {
  return readNpy(bytes, { types: TYPES, refuse: (problem) => corrupt(name, problem) });
}

/** Samples from an image array (uint8, NHW or NHWC) and a label array (integers, N or N x 1). */
function npySamples(images: NpyArray, labels: NpyArray, source: string): Samples {
  const [, height, width, channels = 1] = images.shape;
  if (images.type !== '|u1' || height === undefined || width === undefined || images.shape.length > 4) {
    const found = `${images.type} of shape (${images.shape.join(', ')})`;
    throw corrupt(source, `holds images as ${found}; use uint8 of shape (N, H, W) or (N, H, W, C)`);
  }
  return createSamples(images.data, { height, width, channels }, integers(labels), source);
}

function integers({ type, data }: NpyArray): Int32Array {
  const bytes = Number(type.slice(2));
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const isUnsigned = type[1] === 'u';
  return Int32Array.from({ length: data.length / bytes }, (_, index) => {
    const offset = index * bytes;
    switch (bytes) {
      case 1:
        return isUnsigned ? view.getUint8(offset) : view.getInt8(offset);
      case 2:
        return isUnsigned ? view.getUint16(offset, true) : view.getInt16(offset, true);
      case 4:
        return view.getInt32(offset, true);
      default:
        return Number(view.getBigInt64(offset, true));
    }
  });
}

/** Names under which training images and labels, and test ones, are looked for. */
const TRAINING_NAMES = [
  ['x_train', 'y_train'],
  ['train_images', 'train_labels'],
  ['images', 'labels'],
] as const;
const TEST_NAMES = [
  ['x_test', 'y_test'],
  ['test_images', 'test_labels'],
] as const;

/** Loads an NPZ file with `x_train, y_train, x_test, y_test` or `images, labels`. */
export async function loadNpz(path: string): Promise<RawDataset> {
  const file = await readDataFile(path);
  const arrays = unzip(file.name, file.bytes);
  const training = findPair(file.name, arrays, TRAINING_NAMES);
  if (training === undefined) throw corrupt(file.name, 'has neither "images" and "labels" nor "x_train" and "y_train"');
  return {
    training,
    test: findPair(file.name, arrays, TEST_NAMES),
    classes: countClasses(training.labels),
    classNames: undefined,
    digest: digestFiles([file]),
  };
}

function unzip(name: string, bytes: Uint8Array): Unzipped {
  let size = 0;
  try {
    // An archive says what its parts unpack to: a small one may hold more than memory has room for.
    return unzipSync(bytes, {
      filter: (part) => {
        size += part.originalSize;
        if (size > MAX_FILE_BYTES)
          throw datasetError('DATASET_SIZE', `${name} unpacks to more than ${MAX_FILE_BYTES} bytes`);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof BitwrightError) throw cause;
    throw datasetError('DATASET_CORRUPT', `${name} is no complete NPZ (zip) file`, cause);
  }
}

function findPair(
  source: string,
  arrays: Unzipped,
  candidates: readonly (readonly [string, string])[],
): Samples | undefined {
  for (const [imageName, labelName] of candidates) {
    const images = arrays[`${imageName}.npy`];
    const labels = arrays[`${labelName}.npy`];
    if (images === undefined || labels === undefined) continue;
    const name = `${source}:${imageName}`;
    return npySamples(parseNpy(name, images), parseNpy(`${source}:${labelName}`, labels), name);
  }
  return undefined;
}

const corrupt = (name: string, problem: string) => datasetError('DATASET_CORRUPT', `${name} ${problem}`);
