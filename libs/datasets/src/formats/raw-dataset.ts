import { createHash } from 'node:crypto';
import type { Samples } from '../samples.js';
import type { DataFile } from './data-file.js';

/** What a format gives: samples as they lie in the files, before the validation split is taken. */
export type RawDataset = {
  readonly training: Samples;
  /** The data set's own test samples; undefined when the files do not set any apart. */
  readonly test: Samples | undefined;
  readonly classes: number;
  readonly classNames: readonly string[] | undefined;
  /** SHA-256, hex, over the names and decompressed contents of all files. */
  readonly digest: string;
};

/** SHA-256, hex, over names and contents in the order of names; compressed and plain files give the same. */
export function digestFiles(files: readonly DataFile[]): string {
  const hash = createHash('sha256');
  const ordered = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, bytes } of ordered) hash.update(`${name}\n${bytes.length}\n`).update(bytes);
  return hash.digest('hex');
}

/** One more than the highest label. */
export function countClasses(labels: Int32Array): number {
  return labels.reduce((highest, label) => Math.max(highest, label), 0) + 1;
}
