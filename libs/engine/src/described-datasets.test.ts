import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { BitwrightError, type DatasetDescription } from '@bitwright/core';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DescribedDatasets } from './described-datasets.js';

let folder: TemporaryFolder;
let datasets: DescribedDatasets;
let reads: string[];
let refusals: Map<string, BitwrightError>;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  for (const name of ['digits', 'lost+found']) await mkdir(join(folder.path, name));
  reads = [];
  refusals = new Map([['lost+found', new BitwrightError('invalid_argument', 'DATASET_FORMAT', 'holds no data set')]]);
  datasets = new DescribedDatasets(folder.path, async (name) => {
    reads.push(name);
    const refusal = refusals.get(name);
    if (refusal !== undefined) throw refusal;
    return describedAs(name);
  });
});
afterEach(() => folder.remove());

const describedAs = (name: string): DatasetDescription => ({
  ...{ name, classes: 10, imageShape: { height: 28, width: 28, channels: 1 }, digest: '0'.repeat(64) },
  ...{ samples: { training: 5, validation: 3, test: 2 }, mean: [0.3], std: [0.3] },
});

const listed = async () => (await datasets.list()).map(({ name }) => name);

describe('the data sets of a folder', () => {
  it('are each read once, and what is none is read once, too', async () => {
    expect(await listed()).toEqual(['digits']);
    expect(await listed()).toEqual(['digits']);
    expect(reads).toEqual(['digits', 'lost+found']);
  });

  it('are looked at again once their folder has changed', async () => {
    await listed();
    refusals.clear();
    await utimes(join(folder.path, 'lost+found'), 1, 1);
    expect(await listed()).toEqual(['digits', 'lost+found']);
  });

  it('are read again for who asks by name, whose answer counts for the next listing', async () => {
    await listed();
    await expect(datasets.describe('lost+found')).rejects.toThrow('holds no data set');
    refusals.clear();
    expect((await datasets.describe('lost+found')).name).toBe('lost+found');
    expect(await listed()).toEqual(['digits', 'lost+found']);
  });

  it('are not left out for want of room to read them', async () => {
    refusals.set('digits', new BitwrightError('resource_exhausted', 'QUEUE_FULL', '1 job is waiting already'));
    await expect(datasets.list()).rejects.toMatchObject({ kind: 'resource_exhausted' });
    refusals.delete('digits');
    expect(await listed()).toEqual(['digits']);
  });
});
