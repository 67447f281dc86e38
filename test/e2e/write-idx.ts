import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset, type Samples, selectSamples } from '@bitwright/datasets';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';

/** Writes a data set as Fashion-MNIST's files are: training and test, images and labels. Gives its folder. */
export async function writeIdxFolder(folder: string, training: Samples, test: Samples = training): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [prefix, { count, height, width, images, labels }] of [
    ['train', training],
    ['t10k', test],
  ] as const) {
    await writeFile(join(folder, `${prefix}-images-idx3-ubyte`), idx([count, height, width], images));
    await writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), idx([count], Uint8Array.from(labels)));
  }
  return folder;
}

/** Grey images that show nothing; labels go round through the classes. */
export function blankSamples(shape: { count: number; height: number; width: number; classes: number }): Samples {
  const { count, height, width, classes } = shape;
  const images = new Uint8Array(count * height * width).fill(128);
  return {
    count,
    height,
    width,
    channels: 1,
    images,
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
  };
}

/** Real images, a tenth of them: 5500 for training, 500 for validation, 1000 for test. */
export async function writeSmallFashionMnist(folder: string): Promise<string> {
  const { splits } = await openDataset('fashion-mnist', { root: defaultDataFolder(process.env) });
  const first = (samples: Samples, count: number) =>
    selectSamples(
      samples,
      Array.from({ length: count }, (_, i) => i),
    );
  return writeIdxFolder(folder, first(splits.training, 6000), first(splits.test, 1000));
}

/** Magic number (unsigned bytes, so many dimensions), sizes, values. */
function idx(sizes: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length);
  for (const [axis, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, values]);
}
