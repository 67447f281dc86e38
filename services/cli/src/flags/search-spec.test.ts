import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ArtifactStore,
  completeSearchSpec,
  type PartialSearchSpec,
  sha256Hex,
  validateSearchSpec,
} from '@bitwright/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RawFlags, readFlagValues } from './flag.js';
import { SEARCH_FLAGS } from './search-flags.js';
import { requireComplete, toSearchSpec } from './search-spec.js';

const stored: Uint8Array[] = [];
const store: ArtifactStore = {
  put: async (bytes) => {
    stored.push(bytes);
    return sha256Hex(bytes);
  },
  get: async () => new Uint8Array(),
  has: async () => false,
};

let folder: string;
beforeEach(async () => {
  stored.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'bitwright-flags-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const NEEDED: RawFlags = { network: ['mobilenet-v1'], dataset: ['fashion-mnist'], hardware: ['bismo-edge'] };
const specOf = (raw: RawFlags) => toSearchSpec(readFlagValues(SEARCH_FLAGS, { ...NEEDED, ...raw }), store, folder);

const spoiled = ({ scheme }: PartialSearchSpec) => {
  const points = { rule: 'size-ratio', limit: Number.NaN, maximumPoints: 2 } as const;
  return { scheme: { granularity: scheme?.granularity ?? 'per-tensor', weightQuantizer: 'linear', points } } as const;
};

describe('a search from flags', () => {
  it('takes the defaults of the core for all that is not said', async () => {
    const model = {
      kind: 'zoo',
      network: 'mobilenet-v1',
      width: 1,
      imageSize: 224,
      classes: 1000,
      outputStride: undefined,
    } as const;
    const minimal = {
      model,
      dataset: { name: 'fashion-mnist' },
      hardware: [{ name: 'bismo-edge', batch: undefined, counted: undefined }],
    };
    const spec = completeSearchSpec(await specOf({}));
    expect(spec).toEqual(completeSearchSpec(minimal));
    expect(() => validateSearchSpec(spec)).not.toThrow();
  });

  it('carries how points are handed out, to multipoint alone', async () => {
    const points = { rule: 'size-ratio', limit: 1.5, maximumPoints: 2 };
    const spec = await specOf({ scheme: ['multipoint'], points: ['size<=1.5x'], 'maximum-points': ['2'] });
    expect(spec.scheme).toEqual({ weightQuantizer: 'multipoint', granularity: 'per-channel', points });
    expect((await specOf({ scheme: ['multipoint'] })).scheme?.points).toBeUndefined();
    await expect(specOf({ points: ['size<=1.5x'] })).rejects.toThrow('--points: goes with --scheme multipoint alone');
    expect(() => validateSearchSpec(completeSearchSpec({ ...spec, ...spoiled(spec) }))).toThrow(
      /spec.scheme.points: only multipoint.*spec.scheme.points.limit/s,
    );
  });

  it('carries every flag to its place', async () => {
    const spec = await specOf({
      ...{ width: ['0.25'], 'image-size': ['32'], classes: ['10'], 'output-stride': ['16'] },
      ...{ batch: ['4'], count: ['all'], budget: ['latency<=0.6x', 'size<=1.5MB'] },
      ...{ strategy: ['random'], 'strategy-option': ['noise=0.5', 'mode=fast', 'list=[1,2]'] },
      ...{
        scheme: ['k-means'],
        granularity: ['per-tensor'],
        'weight-bits': ['2,4,8'],
        'activation-bits': ['float'],
        pin: ['none'],
      },
      ...{ trials: ['7'], finalists: ['3'], seed: ['9'] },
      ...{
        'calibration-samples': ['11'],
        'finetune-samples': ['0'],
        'finetune-epochs': ['0.5'],
        'validation-samples': ['13'],
      },
      ...{
        'learning-rate': ['0.01'],
        'batch-size': ['32'],
        'final-finetune-samples': ['99'],
        'final-learning-rate': ['0.02'],
        'final-distillation': ['0.5'],
      },
    });
    expect(spec).toEqual({
      model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10, outputStride: 16 },
      dataset: { name: 'fashion-mnist' },
      hardware: [{ name: 'bismo-edge', batch: 4, counted: 'all' }],
      budget: [
        { metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } },
        { metric: 'size', limit: { kind: 'absolute', value: 1_500_000 } },
      ],
      strategy: { name: 'random', options: { noise: 0.5, mode: 'fast', list: [1, 2] } },
      scheme: { weightQuantizer: 'k-means', granularity: 'per-tensor' },
      ...{ weightBits: [2, 4, 8], activationBits: [32], pin: 'none', maxTrials: 7, finalists: 3, seed: 9 },
      trialFidelity: {
        ...{ calibrationSamples: 11, finetuneSamples: 0, finetuneEpochs: 0.5, validationSamples: 13 },
        ...{ learningRate: 0.01, batchSize: 32 },
      },
      finalFidelity: {
        ...{ calibrationSamples: 512, finetuneSamples: 99, finetuneEpochs: 1, validationSamples: 0 },
        ...{ learningRate: 0.02, batchSize: 64, distillation: 0.5 },
      },
    });
  });

  it('names several targets, in one flag or many, with settings for all or for one', async () => {
    const spec = await specOf({
      hardware: ['bismo-edge,bismo-cloud', ' bitfusion '],
      ...{ batch: ['2', 'bismo-cloud=8'], count: ['bitfusion=all'] },
      budget: ['latency@bismo-edge<=0.6x', 'energy@bismo-cloud<=1mJ'],
    });
    expect(spec.hardware).toEqual([
      { name: 'bismo-edge', batch: 2, counted: undefined },
      { name: 'bismo-cloud', batch: 8, counted: undefined },
      { name: 'bitfusion', batch: 2, counted: 'all' },
    ]);
    expect(spec.budget?.map(({ target }) => target)).toEqual(['bismo-edge', 'bismo-cloud']);
  });

  it.each<[RawFlags, RegExp]>([
    [{ hardware: ['bismo-edge,,x'] }, /--hardware: is "bismo-edge,,x"; give a name/],
    [{ hardware: ['bismo-edge', 'bismo-edge'] }, /--hardware: names bismo-edge twice/],
    [{ batch: ['bismo-cloud=2'] }, /--batch: is for "bismo-cloud"; the targets of this search are bismo-edge/],
    [{ batch: ['bismo-edge=many'] }, /--batch: is "many"; use a whole number/],
    [{ count: ['moon=all'] }, /--count: is for "moon"/],
    [{ budget: ['latency@<=1x'] }, /--budget: "latency@<=1x" is not a budget/],
  ])('refuses targets and settings as in %j', async (raw, message) => {
    await expect((async () => specOf(raw))()).rejects.toThrow(message);
  });

  it('stores an ONNX file and names it by its digest', async () => {
    await writeFile(join(folder, 'net.onnx'), 'bytes of a model');
    const flags = readFlagValues(SEARCH_FLAGS, { model: ['net.onnx'], dataset: ['d'], hardware: ['h'] });
    expect(await toSearchSpec(flags, store, folder)).toMatchObject({
      model: { kind: 'artifact', digest: sha256Hex('bytes of a model') },
    });
    expect(stored).toHaveLength(1);
  });

  it('says which file cannot be read, and why', async () => {
    const flags = readFlagValues(SEARCH_FLAGS, { model: ['nothing.onnx'], dataset: ['d'], hardware: ['h'] });
    await expect(toSearchSpec(flags, store, folder)).rejects.toThrow(
      '--model: nothing.onnx cannot be read: there is no such file',
    );
  });

  it('gives a folder of images by its absolute path, and leaves names alone', async () => {
    await mkdir(join(folder, 'images'));
    await mkdir(join(folder, 'fashion-mnist'));
    expect((await specOf({ dataset: ['./images'] })).dataset).toEqual({ name: join(folder, 'images') });
    expect((await specOf({ dataset: ['fashion-mnist'] })).dataset).toEqual({ name: 'fashion-mnist' });
    expect((await specOf({ dataset: ['/far/away'] })).dataset).toEqual({ name: '/far/away' });
  });

  it.each<[RawFlags, RegExp]>([
    [{}, /--network: is missing; .*--model FILE/],
    [{ network: ['a'] }, /--dataset: is missing/],
    [{ network: ['a'], dataset: ['d'] }, /--hardware: is missing; .*bismo-edge/],
    [{ network: ['a'], model: ['b'] }, /--model: cannot be combined with --network/],
    [{ model: ['b'], classes: ['10'] }, /--classes: belongs to --network/],
  ])('refuses %j', (raw, message) => {
    expect(() => requireComplete(readFlagValues(SEARCH_FLAGS, raw))).toThrow(message);
  });
});
