import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BitwrightError, type DatasetDescription } from '@bitwright/core';
import { listDatasetNames } from '@bitwright/datasets';

/** What the data sets of a folder are. Each is read once for all who ask, and what is none is not read at every listing. */
export class DescribedDatasets {
  readonly #folder: string;
  readonly #read: (name: string) => Promise<DatasetDescription>;
  readonly #known = new Map<string, Promise<DatasetDescription>>();
  /** When what turned out to be no data set had last changed, by name. */
  readonly #refused = new Map<string, number>();

  /** `read` describes a data set, or throws why it is none. */
  constructor(folder: string, read: (name: string) => Promise<DatasetDescription>) {
    this.#folder = folder;
    this.#read = read;
  }

  /** Throws what `read` throws; whoever asks by name has it read again. */
  describe(name: string): Promise<DatasetDescription> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const description = this.#read(name);
    this.#known.set(name, description);
    description.catch(() => this.#known.delete(name));
    return description;
  }

  /** Those that can be used. Throws `resource_exhausted` when there was no room to read one. */
  async list(): Promise<readonly DatasetDescription[]> {
    const described: DatasetDescription[] = [];
    // One after the other: a listing takes one place in the queue, however many there are.
    for (const name of await listDatasetNames(this.#folder)) {
      const description = await this.#describeUnlessRefused(name);
      if (description !== undefined) described.push(description);
    }
    return described;
  }

  async #describeUnlessRefused(name: string): Promise<DatasetDescription | undefined> {
    const changed = await this.#lastChange(name);
    if (!this.#known.has(name) && this.#refused.get(name) === changed) return undefined;
    try {
      return await this.describe(name);
    } catch (error) {
      if (!(error instanceof BitwrightError)) throw error;
      if (error.kind === 'resource_exhausted') throw error;
      // What a child died of says nothing of the data.
      if (error.kind === 'invalid_argument') this.#refused.set(name, changed);
      return undefined;
    }
  }

  /** 0 for what went away meanwhile. */
  async #lastChange(name: string): Promise<number> {
    const path = join(this.#folder, name);
    const found = await stat(path).catch(() => stat(`${path}.npz`).catch(() => undefined));
    return found?.mtimeMs ?? 0;
  }
}
