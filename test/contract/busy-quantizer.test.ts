import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryArtifactStore } from '@bitwright/adapters';
import { type ModelSource, uniformPolicy } from '@bitwright/core';
import { LocalQuantizer } from '@bitwright/engine';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createZooLibrary } from '../../services/quantizer/src/model-library.js';
import { writeSmallFashionMnist } from '../e2e/write-idx.js';

const MODEL: ModelSource = { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 };
const CHECKPOINT = new URL('../../libs/zoo/checkpoints/mobilenet-v1-0.25-fashion-mnist.onnx', import.meta.url);
const HOURS = {
  ...{ calibrationSamples: 64, finetuneSamples: 0, finetuneEpochs: 10_000, validationSamples: 100 },
  ...{ learningRate: 0.001, batchSize: 64 },
};

let folder: TemporaryFolder;
let quantizer: LocalQuantizer;
const artifacts = new MemoryArtifactStore();

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  const [dataFolder, temporaryFolder] = [join(folder.path, 'data'), join(folder.path, 'tmp')];
  for (const path of [temporaryFolder, join(dataFolder, 'lost+found')]) await mkdir(path, { recursive: true });
  await writeSmallFashionMnist(join(dataFolder, 'fashion-mnist'));
  const places = { artifacts, library: createZooLibrary(), dataFolder, temporaryFolder };
  quantizer = new LocalQuantizer({ ...places, workers: 1, maximumWaiting: 0 });
});
afterEach(async () => {
  quantizer.close();
  await folder.remove();
});

it('a quantizer whose workers all train says what it has, and what a model is', async () => {
  const abort = new AbortController();
  let working = Promise.resolve();
  await new Promise<void>((begun) => {
    const request = { model: MODEL, dataset: { name: 'fashion-mnist' }, policy: uniformPolicy(28, 4), fidelity: HOURS };
    const options = { signal: abort.signal, onProgress: () => begun() };
    const training = quantizer.evaluatePolicy({ ...request, split: 'validation', seed: 1 }, options);
    working = expect(training).rejects.toMatchObject({ kind: 'cancelled' });
  });
  expect((await quantizer.listDatasets()).map(({ name }) => name)).toEqual(['fashion-mnist']);
  const digest = await artifacts.put(await readFile(CHECKPOINT));
  expect((await quantizer.describeModel({ kind: 'artifact', digest })).network.name).toBe('mobilenet-v1');
  abort.abort();
  await working;
});
