import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Images of one size in an IDX folder; labels go round through the classes. */
export type IdxPart = { readonly count: number; readonly height: number; readonly width: number; readonly classes: number };

/** Writes a data set as Fashion-MNIST's files are: training and test, images and labels. */
export async function writeIdxFolder(folder: string, training: IdxPart, test: IdxPart = training): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [prefix, part] of [['train', training], ['t10k', test]] as const) {
    const { count, height, width, classes } = part;
    const images = Buffer.alloc(count * height * width, 128);
    const labels = Buffer.from(Array.from({ length: count }, (_, index) => index % classes));
    await writeFile(join(folder, `${prefix}-images-idx3-ubyte`), idx([count, height, width], images));
    await writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), idx([count], labels));
  }
  return folder;
}

/** Magic number (unsigned bytes, so many dimensions), sizes, values. */
function idx(sizes: readonly number[], values: Buffer): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length);
  sizes.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, values]);
}
