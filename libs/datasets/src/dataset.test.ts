import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeDataset, listDatasetNames, openDataset, preprocessingFor } from './index.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bitwright-datasets-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), bytes);
}

/** An IDX file of unsigned bytes. */
function idx(dimensions: readonly number[], values: ArrayLike<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 | dimensions.length);
  dimensions.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  return Buffer.concat([header, Uint8Array.from(values)]);
}

const ramp = (length: number, step = 1) => Uint8Array.from({ length }, (_, index) => (index * step) % 256);
const labels = (count: number, classes = 3) => Uint8Array.from({ length: count }, (_, index) => index % classes);

/** 24 training and 6 test images of 2 x 2, three classes; image i begins with pixel 4 i. */
async function putIdx(name: string, change: { images?: Buffer; labels?: Buffer; gzip?: boolean } = {}): Promise<void> {
  const files = {
    'train-images-idx3-ubyte': change.images ?? idx([24, 2, 2], ramp(96)),
    'train-labels-idx1-ubyte': change.labels ?? idx([24], labels(24)),
    't10k-images-idx3-ubyte': idx([6, 2, 2], ramp(24, 7)),
    't10k-labels-idx1-ubyte': idx([6], labels(6)),
  };
  for (const [file, bytes] of Object.entries(files)) {
    if (change.gzip === true) await put(`${name}/${file}.gz`, gzipSync(bytes));
    else await put(`${name}/${file}`, bytes);
  }
}

/** An `.npy` array. */
function npy(type: string, shape: readonly number[], data: Uint8Array, fortran = false): Uint8Array {
  const order = fortran ? 'True' : 'False';
  const header = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header), data]);
}

function png(width: number, height: number, colour: [number, number, number]): Buffer {
  const image = new PNG({ width, height });
  for (let pixel = 0; pixel < width * height; pixel += 1) image.data.set([...colour, 255], pixel * 4);
  return PNG.sync.write(image);
}

const refusal = (reason: string, message: RegExp) =>
  expect.objectContaining({ kind: 'invalid_argument', reason, message: expect.stringMatching(message) });

describe('openDataset', () => {
  it('reads plain and gzipped IDX files alike, down to the digest', async () => {
    await putIdx('plain');
    await putIdx('packed', { gzip: true });
    const [plain, packed] = [await openDataset('plain', { root }), await openDataset('packed', { root })];
    expect(describeDataset(plain)).toEqual({
      name: 'plain',
      classes: 3,
      imageShape: { height: 2, width: 2, channels: 1 },
      samples: { training: 22, validation: 2, test: 6 },
      mean: plain.mean,
      std: plain.std,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(packed.digest).toBe(plain.digest);
    expect(packed.splits).toEqual(plain.splits);
  });

  it('never puts a sample into two splits, and splits alike for the same seed', async () => {
    await putIdx('set');
    const dataset = await openDataset('set', { root, validationSamples: 10, seed: 4 });
    const firstPixels = ['training', 'validation'].flatMap((split) => {
      const { images, count } = dataset.splits[split as 'training'];
      return Array.from({ length: count }, (_, index) => images[index * 4] as number);
    });
    expect(firstPixels.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, index) => index * 4));
    const again = await openDataset('set', { root, validationSamples: 10, seed: 4 });
    const other = await openDataset('set', { root, validationSamples: 10, seed: 5 });
    expect(again.splits).toEqual(dataset.splits);
    expect(other.splits.validation).not.toEqual(dataset.splits.validation);
    expect(other.splits.test).toEqual(dataset.splits.test);
  });

  it('keeps images and labels together', async () => {
    await putIdx('set');
    const { splits } = await openDataset('set', { root });
    for (let index = 0; index < splits.training.count; index += 1) {
      const sample = (splits.training.images[index * 4] as number) / 4;
      expect(splits.training.labels[index]).toBe(sample % 3);
    }
  });

  it.each([
    [
      'a wrong magic number',
      { images: Buffer.from('not an IDX file at all') },
      'DATASET_CORRUPT',
      /train-images-idx3-ubyte is no IDX file/,
    ],
    [
      'a truncated file',
      { images: idx([24, 2, 2], ramp(95)) },
      'DATASET_CORRUPT',
      /train-images-idx3-ubyte is truncated: 24 x 2 x 2 takes 112 bytes, it has 111/,
    ],
    ['other elements than bytes', { images: Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 0]) }, 'DATASET_CORRUPT', /type 0x0d/],
    ['fewer labels than images', { labels: idx([23], labels(23)) }, 'DATASET_COUNT', /24 images but 23 labels/],
    ['no images', { images: idx([0, 2, 2], []), labels: idx([0], []) }, 'DATASET_EMPTY', /no images/],
  ])('refuses %s', async (_, change, reason, message) => {
    await putIdx('bad', change);
    await expect(openDataset('bad', { root })).rejects.toThrowError(refusal(reason, message));
  });

  it('refuses a label out of range, naming the sample', async () => {
    await putIdx('fashion-mnist', { labels: idx([24], [...labels(23), 10]) });
    const message = /fashion-mnist \(training\): label 10 of sample 23 is out of range; with 10 classes/;
    await expect(openDataset('fashion-mnist', { root, validationSamples: 4 })).rejects.toThrowError(
      refusal('DATASET_LABELS', message),
    );
  });

  it('refuses a gzip file that is cut short', async () => {
    await putIdx('cut', { gzip: true });
    await put('cut/train-images-idx3-ubyte.gz', gzipSync(ramp(5000, 3)).subarray(0, 40));
    await expect(openDataset('cut', { root })).rejects.toThrowError(
      refusal('DATASET_CORRUPT', /no complete gzip file/),
    );
  });

  it('refuses more validation samples than there are', async () => {
    await putIdx('set');
    await expect(openDataset('set', { root, validationSamples: 24 })).rejects.toThrowError(
      refusal('DATASET_SPLIT', /too few/),
    );
  });

  it('reads CIFAR-10 binary files as NHWC', async () => {
    const record = (label: number) =>
      Buffer.concat([Buffer.of(label), ...[10, 20, 30].map((plane) => Buffer.alloc(1024, plane + label))]);
    await put('cifar/data_batch_1.bin', Buffer.concat(Array.from({ length: 20 }, (_, index) => record(index % 10))));
    await put('cifar/test_batch.bin', record(7));
    await put('cifar/batches.meta.txt', 'airplane\nautomobile\n');
    const { splits, classes, imageShape, classNames } = await openDataset('cifar', { root });
    expect([classes, imageShape, classNames]).toEqual([
      10,
      { height: 32, width: 32, channels: 3 },
      ['airplane', 'automobile'],
    ]);
    expect(splits.test.labels).toEqual(Int32Array.of(7));
    expect([...splits.test.images.subarray(0, 6)]).toEqual([17, 27, 37, 17, 27, 37]);
    await put('cifar/test_batch.bin', record(7).subarray(1));
    await expect(openDataset('cifar', { root })).rejects.toThrowError(refusal('DATASET_CORRUPT', /test_batch.bin/));
  });

  it('reads an NPZ file of its own and one in a folder', async () => {
    const images = npy('|u1', [24, 2, 2, 3], ramp(288));
    const wide = new Uint8Array(BigInt64Array.from(labels(24), BigInt).buffer);
    const file = zipSync({ 'images.npy': images, 'labels.npy': npy('<i8', [24], wide) });
    await put('things.npz', file);
    await put('folder/data.npz', file);
    const dataset = await openDataset('things', { root });
    expect(describeDataset(dataset).samples).toEqual({ training: 18, validation: 2, test: 4 });
    expect(dataset.imageShape.channels).toBe(3);
    expect((await openDataset('folder', { root })).digest).not.toBe('');
    expect(await listDatasetNames(root)).toEqual(['folder', 'things']);
  });

  it('refuses NPZ files with other arrays, naming them', async () => {
    const labelArray = npy('|u1', [24], labels(24));
    const cases: [string, Record<string, Uint8Array>, RegExp][] = [
      [
        'floats',
        { 'images.npy': npy('<f4', [24, 2, 2], ramp(384)), 'labels.npy': labelArray },
        /elements of type "<f4"/,
      ],
      ['fortran', { 'images.npy': npy('|u1', [24, 2, 2], ramp(96), true), 'labels.npy': labelArray }, /Fortran order/],
      ['short', { 'images.npy': npy('|u1', [24, 2, 2], ramp(90)), 'labels.npy': labelArray }, /truncated/],
      ['empty', { 'a.npy': labelArray }, /neither "images" and "labels"/],
    ];
    for (const [name, arrays, message] of cases) {
      await put(`${name}.npz`, zipSync(arrays));
      await expect(openDataset(name, { root })).rejects.toThrowError(refusal('DATASET_CORRUPT', message));
    }
    await put('broken.npz', 'no zip file');
    await expect(openDataset('broken', { root })).rejects.toThrowError(refusal('DATASET_CORRUPT', /zip/));
  });

  it('reads class folders of PNG files, in alphabetical order', async () => {
    for (let index = 0; index < 12; index += 1) {
      await put(`pictures/red/${index}.png`, png(3, 3, [200, index, 0]));
      await put(`pictures/blue/${index}.png`, png(3, 3, [0, index, 200]));
    }
    const dataset = await openDataset(join(root, 'pictures'), { root });
    expect(dataset.classNames).toEqual(['blue', 'red']);
    expect(describeDataset(dataset).samples).toEqual({ training: 18, validation: 2, test: 4 });
    const { images, labels: found } = dataset.splits.test;
    expect(images[0]).toBe(found[0] === 1 ? 200 : 0);
  });

  it('refuses PNG files of several sizes and damaged ones, naming the file', async () => {
    await put('pictures/a/1.png', png(3, 3, [1, 2, 3]));
    await put('pictures/b/1.png', png(4, 3, [1, 2, 3]));
    await expect(openDataset('pictures', { root })).rejects.toThrowError(
      refusal('DATASET_SHAPE', /b\/1.png is 3 x 4 x 3/),
    );
    await put('pictures/b/1.png', png(3, 3, [1, 2, 3]).subarray(0, 50));
    await expect(openDataset('pictures', { root })).rejects.toThrowError(
      refusal('DATASET_CORRUPT', /b\/1.png is no complete PNG/),
    );
  });

  it('refuses a plain file, and a folder named as an archive', async () => {
    await put('notes', 'no data');
    await mkdir(join(root, 'folder.npz'));
    for (const name of ['notes', join(root, 'notes'), 'folder.npz']) {
      const opening = openDataset(name, { root });
      await expect(opening).rejects.toThrowError(refusal('DATASET_UNREADABLE', /cannot be read as a data set/));
    }
  });

  it('says what is missing or unknown', async () => {
    await expect(openDataset('nothing', { root })).rejects.toThrowError(
      expect.objectContaining({ kind: 'not_found', reason: 'DATASET_NOT_FOUND' }),
    );
    await expect(openDataset('../escape', { root })).rejects.toThrowError(
      refusal('DATASET_NAME', /neither a data set's name/),
    );
    await put('odd/readme.txt', 'hello');
    await expect(openDataset('odd', { root })).rejects.toThrowError(refusal('DATASET_FORMAT', /holds no data set/));
    expect(await listDatasetNames(join(root, 'not there'))).toEqual([]);
  });

  it('refuses what would unpack to more than there is memory for', async () => {
    const archive = Buffer.from(zipSync({ 'images.npy': npy('|u1', [1], ramp(1)) }, { level: 0 }));
    // The unpacked size of the only entry, in the central directory.
    archive.writeUInt32LE(0xf0000000, archive.indexOf('PK\u0001\u0002') + 24);
    await put('bomb.npz', archive);
    await expect(openDataset('bomb', { root })).rejects.toThrowError(refusal('DATASET_SIZE', /unpacks to more than/));
    const image = png(2, 2, [1, 2, 3]);
    image.writeUInt32BE(100_000, 16);
    for (const name of ['a', 'b']) await put(`pictures/${name}/1.png`, image);
    await expect(openDataset('pictures', { root })).rejects.toThrowError(
      refusal('DATASET_SIZE', /1.png is 2 x 100000; images have at most 4096 pixels a side/),
    );
  });

  it('pads images evenly or refuses to', async () => {
    await putIdx('set');
    const dataset = await openDataset('set', { root });
    expect(preprocessingFor(dataset, 6)).toMatchObject({ imageSize: 6, padding: 2 });
    expect(() => preprocessingFor(dataset, 5)).toThrowError(refusal('DATASET_SHAPE', /set are 2 x 2; .* 5 x 5/));
    expect(() => preprocessingFor(dataset, 0)).toThrowError(refusal('DATASET_SHAPE', /set/));
  });
});
