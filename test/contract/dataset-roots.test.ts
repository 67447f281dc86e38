import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RemoteQuantizer } from '@bitwright/adapters';
import type { EvaluationRequest } from '@bitwright/core';
import { createChannel, readConfig, SERVICE_FIELDS, silentLogger } from '@bitwright/service-kit';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { QUANTIZER_FIELDS } from '../../services/quantizer/src/config.js';
import { composeQuantizer } from '../../services/quantizer/src/service.js';
import { blankSamples, writeIdxFolder } from '../e2e/write-idx.js';

let folder: TemporaryFolder;
const open: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  const samples = blankSamples({ count: 40, height: 8, width: 8, classes: 2 });
  for (const name of ['data/own', 'shared/common', 'private/secret']) await writeIdxFolder(inFolder(name), samples);
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  await folder.remove();
});

const inFolder = (name: string) => join(folder.path, name);

/** As a service is started, with more flags. */
async function serve(...flags: readonly string[]): Promise<RemoteQuantizer> {
  const own = [
    '--listen',
    '127.0.0.1:0',
    '--workers',
    '1',
    '--artifacts',
    inFolder('artifacts'),
    '--data',
    inFolder('data'),
  ];
  const config = readConfig({ ...QUANTIZER_FIELDS, ...SERVICE_FIELDS }, { flags: [...own, ...flags], environment: {} });
  const service = await composeQuantizer(config, silentLogger(), {});
  open.push(() => service.close());
  const channel = createChannel(service.address);
  open.push(() => channel.close());
  return new RemoteQuantizer(channel);
}

it('a served quantizer opens data sets of its data folder and of the folders that its configuration names, and no others', async () => {
  await symlink(inFolder('private/secret'), inFolder('data/linked'));
  const quantizer = await serve('--dataset-roots', inFolder('shared'));
  const nameOf = async (name: string) => (await quantizer.describeDataset({ name })).name;
  expect(await nameOf('own')).toBe('own');
  expect(await nameOf(inFolder('data/own'))).toBe('own');
  expect(await nameOf(inFolder('shared/common'))).toBe('common');
  for (const name of [
    inFolder('private/secret'),
    'linked',
    `${folder.path}/shared/../private/secret`,
    '/etc',
    '/nothing',
  ])
    await expect(nameOf(name)).rejects.toMatchObject({ kind: 'invalid_argument', reason: 'DATASET_NOT_ALLOWED' });
  await expect(nameOf('../private/secret')).rejects.toMatchObject({ reason: 'DATASET_NAME' });
  expect((await quantizer.listDatasets()).map(({ name }) => name)).toEqual(['own']);
}, 120_000);

it('work is refused a data set from elsewhere as its description is', async () => {
  const quantizer = await serve();
  const model = { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 } as const;
  const fidelity = {
    ...{ calibrationSamples: 8, finetuneSamples: 0, finetuneEpochs: 0, validationSamples: 8 },
    ...{ learningRate: 0.001, batchSize: 8 },
  };
  const dataset = { name: inFolder('shared/common') };
  const request: EvaluationRequest = { model, dataset, policy: undefined, fidelity, split: 'validation', seed: 1 };
  await expect(quantizer.evaluatePolicy(request)).rejects.toMatchObject({ reason: 'DATASET_NOT_ALLOWED' });
}, 120_000);
