import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatasetDescription, Preprocessing, Split, TensorShape } from '@bitwright/core';
import { FASHION_MNIST } from './fashion-mnist.js';
import { findCifarFiles, loadCifarFolder } from './formats/cifar-binary.js';
import { findIdxFiles, loadIdxFolder } from './formats/idx.js';
import { loadImageFolder } from './formats/image-folder.js';
import { loadNpz } from './formats/npz.js';
import type { RawDataset } from './formats/raw-dataset.js';
import { type DatasetPlaces, locateDataset } from './locate-dataset.js';
import { channelStatistics } from './preprocessing.js';
import { assertLabels, datasetError, type Samples } from './samples.js';
import { type SplitOptions, splitSamples } from './split.js';

/** A data set in memory, split; see {@link splitSamples}. */
export type Dataset = {
  readonly name: string;
  readonly classes: number;
  readonly classNames: readonly string[] | undefined;
  readonly imageShape: TensorShape;
  readonly splits: Readonly<Record<Split, Samples>>;
  /** SHA-256, hex, over the data files. */
  readonly digest: string;
  /** Per channel, of pixels scaled to 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
};

export type OpenOptions = DatasetPlaces & Partial<SplitOptions>;

/**
 * Opens a data set, found as {@link locateDataset} says. Formats, by content: IDX files, CIFAR-10 binary, an `.npz`
 * file, class folders of PNG files. Throws what `locateDataset` throws and `invalid_argument` (`DATASET_FORMAT`,
 * `DATASET_CORRUPT`, `DATASET_COUNT`, `DATASET_LABELS`, `DATASET_SHAPE`, `DATASET_SIZE`, `DATASET_UNREADABLE`) naming what is wrong.
 */
export async function openDataset(nameOrPath: string, options: OpenOptions): Promise<Dataset> {
  const path = await locateDataset(nameOrPath, options);
  const name = basename(path, '.npz');
  const raw = await load(path, name).catch((error: unknown) => {
    throw isUnreadable(error) ? datasetError('DATASET_UNREADABLE', unreadable(path, error.code), error) : error;
  });
  checkRaw(raw, name);
  const validationSamples = options.validationSamples ?? knownDataset(name)?.validationSamples;
  const splits = splitSamples(raw, { seed: options.seed ?? 0, validationSamples });
  const statistics = knownDataset(name) ?? channelStatistics(splits.training);
  return {
    name,
    classes: raw.classes,
    classNames: raw.classNames ?? knownDataset(name)?.classNames,
    imageShape: imageShape(raw.training),
    splits,
    digest: raw.digest,
    mean: statistics.mean,
    std: statistics.std,
  };
}

const knownDataset = (name: string) => (name === FASHION_MNIST.name ? FASHION_MNIST : undefined);

const imageShape = ({ height, width, channels }: TensorShape): TensorShape => ({ height, width, channels });

/** What a client may know of a data set. */
export function describeDataset(dataset: Dataset): DatasetDescription {
  const { name, classes, imageShape, splits, digest, mean, std } = dataset;
  const samples = { training: splits.training.count, validation: splits.validation.count, test: splits.test.count };
  return { name, classes, imageShape, samples, mean, std, digest };
}

/** Names of what lies under the root and can be opened by name; empty when there is no such folder. */
export async function listDatasetNames(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() || entry.name.endsWith('.npz'));
  return names.map((entry) => basename(entry.name, '.npz')).sort();
}

/** How the images become inputs of this size: padded evenly. Throws `DATASET_SHAPE` when they cannot. */
export function preprocessingFor({ name, imageShape, mean, std }: Dataset, imageSize: number): Preprocessing {
  const { height, width } = imageShape;
  const padding = (imageSize - height) / 2;
  if (height === width && padding >= 0 && Number.isInteger(padding)) return { imageSize, padding, mean, std };
  const message = `images of ${name} are ${height} x ${width}; they cannot be padded evenly to ${imageSize} x ${imageSize}`;
  throw datasetError('DATASET_SHAPE', message);
}

async function load(path: string, name: string): Promise<RawDataset> {
  if (path.endsWith('.npz')) return loadNpz(path);
  const names = await readdir(path);
  const idx = findIdxFiles(names);
  if (idx !== undefined) return loadIdxFolder(path, idx, knownDataset(name)?.classes);
  const cifar = findCifarFiles(names);
  if (cifar !== undefined) return loadCifarFolder(path, cifar);
  const archive = names.find((file) => file.endsWith('.npz'));
  if (archive !== undefined) return loadNpz(join(path, archive));
  const entries = await readdir(path, { withFileTypes: true });
  if (entries.some((entry) => entry.isDirectory())) return loadImageFolder(path);
  const formats = 'IDX files (train-images-idx3-ubyte…), data_batch_*.bin, an .npz file, or class folders of PNG files';
  throw datasetError('DATASET_FORMAT', `${path} holds no data set; known are ${formats}`);
}

/** What a path says that is a plain file, a folder named as an archive, or not ours to read. */
const UNREADABLE = ['ENOTDIR', 'EISDIR', 'EACCES', 'EPERM'];

function isUnreadable(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && UNREADABLE.includes(String(error.code));
}

const unreadable = (path: string, code: string) =>
  `${path} cannot be read as a data set (${code}); give a folder with its files, or an .npz file`;

function checkRaw(raw: RawDataset, name: string): void {
  assertLabels(raw.training, raw.classes, `${name} (training)`);
  if (raw.test === undefined) return;
  assertLabels(raw.test, raw.classes, `${name} (test)`);
  const { training, test } = raw;
  if (training.height === test.height && training.width === test.width && training.channels === test.channels) return;
  throw datasetError('DATASET_SHAPE', `${name}: training and test images differ in size`);
}
