import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TensorShape } from '@bitwright/core';
import { PNG } from 'pngjs';
import { createSamples, datasetError, imageLength, type Samples } from '../samples.js';
import { type DataFile, readDataFile } from './data-file.js';
import { digestFiles, type RawDataset } from './raw-dataset.js';

/** A decoded image: uint8 HWC. */
type Image = { readonly shape: TensorShape; readonly pixels: Uint8Array };
type LabelledFile = { readonly path: string; readonly name: string; readonly label: number };

/** Pixels, as no network takes more. */
const MAX_SIDE = 4096;

/** Where a PNG file has its width and height, big-endian, 4 bytes each. */
const PNG_SIZE_AT = 16;

/** PNG colour types without colour: grey, and grey with alpha. */
const GREY_COLOUR_TYPES = [0, 4];

/**
 * Loads a folder whose sub-folders are the classes, in alphabetical order, with PNG files of one size; or one with
 * `train/` and `test/` of that form. Alpha is ignored; grey files give one channel.
 */
export async function loadImageFolder(folder: string): Promise<RawDataset> {
  const parts = await subFolders(folder);
  const split = parts.includes('train');
  const trainingFolder = split ? join(folder, 'train') : folder;
  const classNames = await subFolders(trainingFolder);
  if (classNames.length < 2) throw datasetError('DATASET_FORMAT', `${trainingFolder} needs at least two class folders`);
  const training = await loadClasses(trainingFolder, classNames);
  const test = parts.includes('test') && split ? await loadClasses(join(folder, 'test'), classNames) : undefined;
  const files = [...training.files, ...(test?.files ?? []).map((file) => ({ ...file, name: `test/${file.name}` }))];
  const digest = digestFiles(files);
  return { training: training.samples, test: test?.samples, classes: classNames.length, classNames, digest };
}

async function loadClasses(
  folder: string,
  classNames: readonly string[],
): Promise<{ samples: Samples; files: DataFile[] }> {
  const listed = await listImages(folder, classNames);
  const files: DataFile[] = [];
  let shape: TensorShape | undefined;
  let images = new Uint8Array(0);
  for (const [position, { path, name }] of listed.entries()) {
    const { bytes } = await readDataFile(path);
    const image = decodePng(path, bytes);
    if (shape === undefined) images = new Uint8Array(listed.length * imageLength(image.shape));
    shape ??= image.shape;
    assertSameShape(path, image.shape, shape);
    images.set(image.pixels, position * imageLength(shape));
    files.push({ name, bytes });
  }
  if (shape === undefined) throw datasetError('DATASET_EMPTY', `${folder} has no PNG files in its class folders`);
  const labels = Int32Array.from(listed, ({ label }) => label);
  return { samples: createSamples(images, shape, labels, folder), files };
}

async function listImages(folder: string, classNames: readonly string[]): Promise<LabelledFile[]> {
  const listed: LabelledFile[] = [];
  for (const [label, className] of classNames.entries()) {
    const names = await readdir(join(folder, className)).catch(() => []);
    const images = names.filter((name) => name.toLowerCase().endsWith('.png')).sort();
    listed.push(
      ...images.map((name) => ({ path: join(folder, className, name), name: `${className}/${name}`, label })),
    );
  }
  return listed;
}

function decodePng(path: string, bytes: Uint8Array): Image {
  assertSide(path, bytes);
  const { width, height, data, colorType } = parsePng(path, bytes);
  const channels = GREY_COLOUR_TYPES.includes(colorType) ? 1 : 3;
  const pixels = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      pixels[pixel * channels + channel] = data[pixel * 4 + channel] as number;
    }
  }
  return { shape: { height, width, channels }, pixels };
}

/** By the header alone, which says what the rest unpacks to. */
function assertSide(path: string, bytes: Uint8Array): void {
  if (bytes.length < PNG_SIZE_AT + 8) return;
  const header = new DataView(bytes.buffer, bytes.byteOffset + PNG_SIZE_AT, 8);
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  if (width <= MAX_SIDE && height <= MAX_SIDE) return;
  const message = `${path} is ${height} x ${width}; images have at most ${MAX_SIDE} pixels a side`;
  throw datasetError('DATASET_SIZE', message);
}

/** `pngjs` decodes everything to RGBA and reports the file's own colour type. */
function parsePng(path: string, bytes: Uint8Array) {
  try {
    const decoded = PNG.sync.read(Buffer.from(bytes));
    return decoded as typeof decoded & { colorType: number };
  } catch (cause) {
    throw datasetError('DATASET_CORRUPT', `${path} is no complete PNG file (${(cause as Error).message})`, cause);
  }
}

function assertSameShape(path: string, found: TensorShape, expected: TensorShape): void {
  const text = ({ height, width, channels }: TensorShape) => `${height} x ${width} x ${channels}`;
  if (text(found) === text(expected)) return;
  throw datasetError('DATASET_SHAPE', `${path} is ${text(found)}, the images before it are ${text(expected)}`);
}

async function subFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}
