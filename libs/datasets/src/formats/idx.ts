import type { TensorShape } from '@bitwright/core';
import { createSamples, datasetError, type Samples } from '../samples.js';
import { type DataFile, readDataFile } from './data-file.js';
import { countClasses, digestFiles, type RawDataset } from './raw-dataset.js';

/** An IDX array of unsigned bytes: sizes, slowest dimension first, and values. */
export type IdxArray = { readonly dimensions: readonly number[]; readonly values: Uint8Array };

const UNSIGNED_BYTE = 0x08;

/** Reads an IDX file. Throws `DATASET_CORRUPT` naming the file for a wrong magic number, element type or length. */
export function parseIdx({ name, bytes }: DataFile): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length >= 4 ? view.getUint32(0) : 0;
  if (magic >>> 16 !== 0 || (magic & 0xff) === 0)
    throw corrupt(name, `is no IDX file: its magic number is ${hex(magic)}`);
  const type = (magic >>> 8) & 0xff;
  if (type !== UNSIGNED_BYTE) throw corrupt(name, `holds elements of type ${hex(type)}, not unsigned bytes (0x08)`);
  const rank = magic & 0xff;
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw corrupt(name, `is truncated within its header (${bytes.length} bytes)`);
  const dimensions = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = header + dimensions.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    const problem = bytes.length < expected ? 'is truncated' : 'is too long';
    throw corrupt(name, `${problem}: ${dimensions.join(' x ')} takes ${expected} bytes, it has ${bytes.length}`);
  }
  return { dimensions, values: bytes.subarray(header) };
}

/** Samples from an image file (count x height x width, optionally x channels) and a label file (count). */
export function idxSamples(imageFile: DataFile, labelFile: DataFile): Samples {
  const images = parseIdx(imageFile);
  const labels = parseIdx(labelFile);
  if (labels.dimensions.length !== 1) throw corrupt(labelFile.name, 'holds no list of labels (one dimension)');
  const shape = imageShape(images, imageFile.name);
  return createSamples(images.values, shape, Int32Array.from(labels.values), imageFile.name);
}

function imageShape({ dimensions }: IdxArray, name: string): TensorShape {
  const [, height, width, channels = 1] = dimensions;
  if (height !== undefined && width !== undefined && height * width * channels > 0 && dimensions.length <= 4) {
    return { height, width, channels };
  }
  throw corrupt(name, `holds no images: its dimensions are ${dimensions.join(' x ')}`);
}

/** The file pairs of a folder: training, and test where there is one. */
export type IdxFiles = { readonly training: IdxPair; readonly test: IdxPair | undefined };
export type IdxPair = { readonly images: string; readonly labels: string };

/** Finds `train-images-idx3-ubyte` and its kin (plain or `.gz`; test files begin with `t10k` or `test`) among file names. */
export function findIdxFiles(names: readonly string[]): IdxFiles | undefined {
  const training = findPair(names, ['train']);
  return training && { training, test: findPair(names, ['t10k', 'test']) };
}

function findPair(names: readonly string[], prefixes: readonly string[]): IdxPair | undefined {
  const find = (what: string) =>
    [...names]
      .sort()
      .find((name) => prefixes.some((prefix) => name.startsWith(`${prefix}-${what}`)) && /idx\d/.test(name));
  const images = find('images');
  const labels = find('labels');
  return images === undefined || labels === undefined ? undefined : { images, labels };
}

/** Loads a folder of IDX files; `classes` is taken from the training labels when it is not known beforehand. */
export async function loadIdxFolder(folder: string, files: IdxFiles, classes?: number): Promise<RawDataset> {
  const read = async (pair: IdxPair) =>
    [await readDataFile(`${folder}/${pair.images}`), await readDataFile(`${folder}/${pair.labels}`)] as const;
  const training = await read(files.training);
  const test = files.test && (await read(files.test));
  const samples = idxSamples(...training);
  return {
    training: samples,
    test: test && idxSamples(...test),
    classes: classes ?? countClasses(samples.labels),
    classNames: undefined,
    digest: digestFiles([...training, ...(test ?? [])]),
  };
}

const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
const corrupt = (name: string, problem: string) => datasetError('DATASET_CORRUPT', `${name} ${problem}`);
