import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelDigest, type Parameters, type ParameterTensor, sha256Hex } from '@bitwright/core';
import { importOnnx } from '@bitwright/onnx';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  buildZooNetwork,
  CHECKPOINT_FOLDER,
  type CheckpointRecipe,
  findRecipe,
  listZooEntries,
  RECIPE_SCHEMA,
  readCheckpoint,
  readRecipes,
  writeCheckpoint,
} from './index.js';

const zoo = { network: 'resnet-20', width: 0.5, imageSize: 16, channels: 1, classes: 3, outputStride: 4 };
const recipe: Omit<CheckpointRecipe, 'modelDigest'> = {
  schema: RECIPE_SCHEMA,
  ...zoo,
  dataset: 'toys',
  dataDigest: 'd1',
  samples: { training: 10, validation: 2, test: 3 },
  preprocess: { imageSize: 16, padding: 0, mean: [0.5], std: [0.25] },
  testAccuracy: 0.75,
  validationAccuracy: 0.8,
  trainingLoss: 0.5,
  parameters: 123,
  command: 'npm run train -- --network resnet-20',
  seed: 1,
  training: { epochs: 1 },
  seconds: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
};
const source = { kind: 'zoo', network: 'resnet-20', width: 0.5, imageSize: 16, classes: 3 } as const;

/** Every parameter of the network, with values that are all different. */
function someParameters(): Parameters {
  const network = buildZooNetwork(zoo);
  const parameters = new Map<string, ParameterTensor>();
  const add = (name: string, shape: readonly number[]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    parameters.set(name, {
      shape,
      values: Float32Array.from({ length: count }, (_, index) => index / 7 + parameters.size),
    });
  };
  const channels = new Map(network.nodes.map(({ id, output }) => [id, output.channels]));
  for (const { id, operation, inputs } of network.nodes) {
    const inChannels = channels.get(inputs[0] ?? '') ?? 0;
    if (operation.kind === 'convolution') {
      add(`${id}.weight`, [operation.outChannels, inChannels, operation.kernelHeight, operation.kernelWidth]);
    } else if (operation.kind === 'fully-connected') {
      add(`${id}.weight`, [operation.outFeatures, inChannels]);
      add(`${id}.bias`, [operation.outFeatures]);
    } else if (operation.kind === 'batch-normalization') {
      for (const role of ['scale', 'shift', 'mean', 'variance']) add(`${id}.${role}`, [inChannels]);
    }
  }
  return parameters;
}

describe('checkpoints', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitwright-zoo-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('come back as they were written, with the way they were made in the file', async () => {
    const model = { network: buildZooNetwork(zoo), parameters: someParameters() };
    const written = await writeCheckpoint(folder, model, recipe);
    const [found] = await readRecipes(folder);
    expect(found).toEqual(written.recipe);
    const checkpoint = await readCheckpoint(found as CheckpointRecipe, folder);
    expect(modelDigest(checkpoint.model)).toBe(modelDigest(model));
    const { metadata } = importOnnx(checkpoint.onnx);
    expect(JSON.parse(metadata['bitwright.preprocess'] ?? '')).toEqual(recipe.preprocess);
    expect((await readdir(folder)).sort()).toEqual(['resnet-20-0.5-toys.json', 'resnet-20-0.5-toys.onnx']);
  });

  it('are found for exactly their network and data set', async () => {
    await writeCheckpoint(folder, { network: buildZooNetwork(zoo), parameters: someParameters() }, recipe);
    expect(await findRecipe(source, 'toys', folder)).toMatchObject({ testAccuracy: 0.75 });
    expect(await findRecipe({ ...source, width: 1 }, 'toys', folder)).toBeUndefined();
    expect(await findRecipe({ ...source, imageSize: 32 }, 'toys', folder)).toBeUndefined();
    expect(await findRecipe({ ...source, network: 'mobilenet-v1' }, 'toys', folder)).toBeUndefined();
    expect(await findRecipe(source, 'other', folder)).toBeUndefined();
    const { network, width, imageSize, classes, outputStride, dataset, testAccuracy, parameters } = recipe;
    const entry = { network, width, imageSize, classes, outputStride, dataset, testAccuracy, parameters };
    expect(await listZooEntries(folder)).toEqual([entry]);
  });

  it('are refused when the file is not the one of the recipe', async () => {
    const model = { network: buildZooNetwork(zoo), parameters: someParameters() };
    const { path, recipe: complete } = await writeCheckpoint(folder, model, recipe);
    await writeFile(path, 'something else');
    const refusal = expect.objectContaining({ kind: 'data_loss', reason: 'CHECKPOINT_CORRUPT' });
    await expect(readCheckpoint(complete, folder)).rejects.toThrowError(refusal);
  });

  it('that come with Bitwright are whole and are the networks that the zoo builds', async () => {
    for (const shipped of await readRecipes(CHECKPOINT_FOLDER)) {
      const { model, onnx } = await readCheckpoint(shipped);
      expect(sha256Hex(onnx)).toBe(shipped.modelDigest);
      expect(model.network).toEqual(buildZooNetwork(shipped));
      const parameters = [...model.parameters.values()].reduce((sum, { values }) => sum + values.length, 0);
      expect(parameters).toBe(shipped.parameters);
    }
  });
});
