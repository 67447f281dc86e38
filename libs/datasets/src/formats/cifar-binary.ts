import { readFile } from 'node:fs/promises';
import { createSamples, datasetError, type Samples } from '../samples.js';
import { type DataFile, readDataFile } from './data-file.js';
import { digestFiles, type RawDataset } from './raw-dataset.js';

const SHAPE = { height: 32, width: 32, channels: 3 };
const PLANE = SHAPE.height * SHAPE.width;
/** One label byte, then the red, green and blue planes. */
const RECORD_BYTES = 1 + 3 * PLANE;

/** Reads records of CIFAR-10's binary version; planes become NHWC. Throws `DATASET_CORRUPT` for a partial record. */
export function parseCifarBinary(files: readonly DataFile[]): Samples {
  const records = files.map(({ name, bytes }) => recordCount(name, bytes.length));
  const total = records.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(total * 3 * PLANE);
  const labels = new Int32Array(total);
  let position = 0;
  files.forEach(({ bytes }, file) => {
    for (let record = 0; record < (records[file] as number); record += 1) {
      const start = record * RECORD_BYTES;
      labels[position] = bytes[start] as number;
      interleave(bytes.subarray(start + 1, start + RECORD_BYTES), images.subarray(position * 3 * PLANE));
      position += 1;
    }
  });
  return createSamples(images, SHAPE, labels, files.map(({ name }) => name).join(', '));
}

function recordCount(name: string, bytes: number): number {
  if (bytes > 0 && bytes % RECORD_BYTES === 0) return bytes / RECORD_BYTES;
  const message = `${name} is no CIFAR-10 binary file: ${bytes} bytes are not a whole number of ${RECORD_BYTES}-byte records`;
  throw datasetError('DATASET_CORRUPT', message);
}

function interleave(planes: Uint8Array, pixels: Uint8Array): void {
  for (let pixel = 0; pixel < PLANE; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[pixel * 3 + channel] = planes[channel * PLANE + pixel] as number;
    }
  }
}

/** Names of the training and test files of a CIFAR-10 folder, if it is one. */
export function findCifarFiles(names: readonly string[]): { training: string[]; test: string[] } | undefined {
  const training = names.filter((name) => /^data_batch_\d+\.bin(\.gz)?$/.test(name)).sort();
  const test = names.filter((name) => /^test_batch\.bin(\.gz)?$/.test(name));
  return training.length === 0 ? undefined : { training, test };
}

/** Loads a folder with `data_batch_*.bin` and `test_batch.bin`; class names come from `batches.meta.txt` if it is there. */
export async function loadCifarFolder(
  folder: string,
  names: { training: string[]; test: string[] },
): Promise<RawDataset> {
  const read = (list: readonly string[]) => Promise.all(list.map((name) => readDataFile(`${folder}/${name}`)));
  const training = await read(names.training);
  const test = await read(names.test);
  return {
    training: parseCifarBinary(training),
    test: test.length === 0 ? undefined : parseCifarBinary(test),
    classes: 10,
    classNames: await readClassNames(folder),
    digest: digestFiles([...training, ...test]),
  };
}

async function readClassNames(folder: string): Promise<string[] | undefined> {
  const text = await readFile(`${folder}/batches.meta.txt`, 'utf8').catch(() => undefined);
  return text?.split('\n').filter((line) => line.trim() !== '');
}
