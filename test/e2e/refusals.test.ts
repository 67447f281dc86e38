import { randomBytes } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { BitwrightError, type Fidelity, type PartialSearchSpec, parseConstraint } from '@bitwright/core';
import { exportOnnx } from '@bitwright/onnx';
import { readCheckpoint, readRecipes } from '@bitwright/zoo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL, smallSearch } from './small-search.js';
import { type Stack, startStack } from './stack.js';
import { blankSamples, writeIdxFolder } from './write-idx.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ quantizer: { workers: 1 } });
}, 300_000);
afterAll(() => stack?.stop());

/** What creating a search is refused with. */
async function refusalOf(change: Partial<PartialSearchSpec>): Promise<BitwrightError> {
  try {
    await stack.client.createSearch(smallSearch(change));
  } catch (error) {
    if (error instanceof BitwrightError) return error;
    throw error;
  }
  throw new Error('the search was not refused');
}

async function trainedModel() {
  const recipes = await readRecipes();
  const recipe = recipes.find(({ network, width }) => network === MODEL.network && width === MODEL.width);
  if (recipe === undefined) throw new Error('the zoo has no MobileNetV1 0.25');
  return readCheckpoint(recipe);
}

const upload = async (bytes: Uint8Array) =>
  ({ kind: 'artifact', digest: await stack.client.artifacts.put(bytes) }) as const;

describe('a budget that cannot be met', () => {
  it('is refused with the smallest value that can, and the field', async () => {
    const error = await refusalOf({ budget: [parseConstraint('energy<=2x'), parseConstraint('latency<=0.01x')] });
    expect(error).toMatchObject({ kind: 'failed_precondition', reason: 'BUDGET_INFEASIBLE' });
    expect(error.violations.map(({ field }) => field)).toEqual(['spec.budget[1]']);
    const smallest = /smallest reachable latency is ([0-9.]+) ms \(([0-9.]+)x of 8 bit\)/.exec(error.message);
    const ratio = Number(smallest?.[2]);
    const accepted = await stack.client.createSearch(smallSearch({ budget: [parseConstraint(`latency<=${ratio}x`)] }));
    expect(await stack.client.cancelSearch(accepted.id)).toMatchObject({ state: 'cancelled' });
    const justBelow = { budget: [parseConstraint(`latency<=${ratio - 0.0002}x`)] };
    expect(await refusalOf(justBelow)).toMatchObject({ reason: 'BUDGET_INFEASIBLE' });
  }, 300_000);
});

describe('a model', () => {
  it('that is no ONNX file is refused as corrupt', async () => {
    const error = await refusalOf({ model: await upload(randomBytes(5000)) });
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'MODEL_CORRUPT' });
  });

  it('that was cut off is refused as corrupt', async () => {
    const { onnx } = await trainedModel();
    const error = await refusalOf({ model: await upload(onnx.subarray(0, onnx.length / 2)) });
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'MODEL_CORRUPT' });
  });

  it('with a NaN among its weights is refused, naming the tensor', async () => {
    const { model } = await trainedModel();
    const [name, tensor] = [...model.parameters].find(([key]) => key.endsWith('.weight')) as [string, never];
    const { shape, values } = tensor as { shape: number[]; values: Float32Array };
    const spoilt = Float32Array.from(values);
    spoilt[7] = Number.NaN;
    const parameters = new Map([...model.parameters, [name, { shape, values: spoilt }]]);
    const error = await refusalOf({ model: await upload(exportOnnx({ ...model, parameters })) });
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'MODEL_NOT_FINITE' });
    expect(error.message).toContain(name.replace('.weight', ''));
  });

  it('that nobody uploaded is not found, by its digest', async () => {
    const digest = 'a'.repeat(64);
    const error = await refusalOf({ model: { kind: 'artifact', digest } });
    expect(error.kind).toBe('not_found');
    expect(error.message).toContain(digest);
  });

  it('that the zoo does not have is not found, and those it has are named', async () => {
    const error = await refusalOf({ model: { ...MODEL, network: 'alexnet' } });
    expect(error).toMatchObject({ kind: 'not_found', reason: 'NETWORK_UNKNOWN' });
    expect(error.message).toContain('mobilenet-v1, mobilenet-v2, resnet-18, resnet-20');
  });

  it('that the zoo has without training is refused, saying so', async () => {
    const error = await refusalOf({ model: { ...MODEL, width: 0.5 } });
    expect(error).toMatchObject({ kind: 'failed_precondition', reason: 'MODEL_UNTRAINED' });
  });
});

describe('a data set', () => {
  const small = { count: 240, height: 28, width: 28, classes: 10 };
  const write = (name: string, training: typeof small, test = training) =>
    writeIdxFolder(`${stack.folder}/data/${name}`, blankSamples(training), blankSamples(test));
  const inFolder = async (...parts: Parameters<typeof write>) => ({ dataset: { name: await write(...parts) } });

  it('whose training and test images differ in size is refused, naming it', async () => {
    const error = await refusalOf(await inFolder('two-sizes', small, { ...small, width: 30 }));
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'DATASET_SHAPE' });
    expect(error.message).toContain('two-sizes');
  });

  it('whose images are not what the network takes is refused with both sizes', async () => {
    const error = await refusalOf(await inFolder('too-small', { ...small, height: 20, width: 20 }));
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'DATASET_SHAPE' });
    expect(error.violations.map(({ field }) => field)).toEqual(['spec.dataset']);
    expect(error.message).toMatch(/too-small has images of 20 x 20 x 1; the network .* takes 28 x 28 x 1/);
  });

  it('with other classes than the network is refused with both numbers', async () => {
    const error = await refusalOf(await inFolder('twelve', { ...small, classes: 12 }));
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'DATASET_CLASSES' });
    expect(error.violations.map(({ field }) => field)).toEqual(['spec.dataset']);
    expect(error.message).toMatch(/twelve has 12 classes.* has 10/);
  });

  it('with fewer labels than images is refused with both numbers', async () => {
    const folder = await write('unlabelled', small);
    const fewer = await write('fewer', { ...small, count: 200 });
    await copyFile(`${fewer}/train-labels-idx1-ubyte`, `${folder}/train-labels-idx1-ubyte`);
    const error = await refusalOf({ dataset: { name: folder } });
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'DATASET_COUNT' });
    expect(error.message).toMatch(/240 images but 200 labels/);
  });

  it('that is not there is not found, with the path that was looked at', async () => {
    const error = await refusalOf({ dataset: { name: `${stack.folder}/data/nothing` } });
    expect(error).toMatchObject({ kind: 'not_found', reason: 'DATASET_NOT_FOUND' });
    expect(error.message).toContain(`${stack.folder}/data/nothing`);
  });
});

describe('a request', () => {
  it('with fields out of range is refused with each of them named', async () => {
    const trialFidelity = { ...(smallSearch().trialFidelity as Fidelity), batchSize: 5000 };
    const error = await refusalOf({ maxTrials: 20_000, finalists: 21, trialFidelity });
    expect(error.kind).toBe('invalid_argument');
    expect(error.violations.map(({ field }) => field)).toEqual([
      ...['spec.max_trials', 'spec.finalists', 'spec.trial_fidelity.batch_size'],
    ]);
    expect(error.message).toContain('is 20000; use a whole number from 1 to 10000');
  });

  it('for unknown hardware or an unknown strategy is not found, and those there are are named', async () => {
    const hardware = await refusalOf({ hardware: [{ name: 'abacus' }] });
    expect(hardware).toMatchObject({ kind: 'not_found', reason: 'HARDWARE_NOT_ANNOUNCED' });
    expect(hardware.message).toContain('bismo-cloud, bismo-edge');
    const strategy = await refusalOf({ strategy: { name: 'luck', options: {} } });
    expect(strategy).toMatchObject({ kind: 'not_found', reason: 'STRATEGY_UNKNOWN' });
    expect(strategy.message).toContain('haq');
  });
});
