import { type Unzipped, unzipSync } from 'fflate';
import { createSamples, datasetError, type Samples } from '../samples.js';
import { readDataFile } from './data-file.js';
import { countClasses, digestFiles, type RawDataset } from './raw-dataset.js';

/** An array of an NPZ file, row-major. */
export type NpyArray = { readonly shape: readonly number[]; readonly type: string; readonly data: Uint8Array };

/** Reads an `.npy` array. Throws `DATASET_CORRUPT` for anything but a complete array in C order. */
export function parseNpy(name: string, bytes: Uint8Array): NpyArray {
  const magic = String.fromCharCode(...bytes.subarray(1, 6));
  if (bytes[0] !== 0x93 || magic !== 'NUMPY') throw corrupt(name, 'is no NumPy array');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (bytes[6] as number) >= 2;
  const start = wide ? 12 : 10;
  const end = start + (bytes.length < start ? 0 : wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  if (type === undefined || shape === undefined) throw corrupt(name, 'has no readable header');
  if (!/'fortran_order':\s*False/.test(header)) throw corrupt(name, 'is stored in Fortran order; save it in C order');
  const data = bytes.subarray(end);
  const expected = shape.reduce((product, size) => product * size, elementBytes(type, name));
  if (data.length !== expected) throw corrupt(name, `is truncated: ${expected} bytes expected, ${data.length} found`);
  return { shape, type, data };
}

function elementBytes(type: string, name: string): number {
  if (/^[<|][uib][1248]$/.test(type)) return Number(type.slice(2));
  throw corrupt(name, `has elements of type "${type}"; use uint8 for images and integers for labels`);
}

/** Samples from an image array (uint8, NHW or NHWC) and a label array (integers, N or N x 1). */
export function npySamples(images: NpyArray, labels: NpyArray, source: string): Samples {
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
  try {
    return unzipSync(bytes);
  } catch (cause) {
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
