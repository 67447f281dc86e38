import { setTimeout as sleep } from 'node:timers/promises';
import { QuantizerServiceDefinition } from '@bitwright/contracts';
import {
  BitwrightError,
  type CostTable,
  type DatasetDescription,
  type EvaluationRequest,
  type EvaluationResult,
  type ExportResult,
  type FinetuneResult,
  type IntegerRealization,
  type IntegerRealizationRequest,
  type LearnPrecisionRequest,
  type LearnPrecisionResult,
  type ModelDescription,
  type Quantizer,
  type SensitivityReport,
  type SensitivityRequest,
  uniformPolicy,
  type WorkOptions,
  type WorkProgress,
  type ZooEntry,
} from '@bitwright/core';
import { createChannel, createServer } from '@bitwright/service-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RemoteQuantizer } from './remote-quantizer.js';
import { quantizerHandlers } from './serve-quantizer.js';

const digest = 'ab'.repeat(32);
const result: EvaluationResult = {
  ...{ accuracy: 0.9, loss: 0.3, calibratedLoss: 0.25, split: 'validation', samples: 2048, seconds: 1.5 },
};
const zoo: ZooEntry = {
  ...{ network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10, outputStride: 16 },
  ...{ dataset: 'fashion-mnist', testAccuracy: 0.92, parameters: 218_000 },
};
const dataset: DatasetDescription = {
  ...{
    name: 'fashion-mnist',
    classes: 10,
    imageShape: { height: 28, width: 28, channels: 1 },
    mean: [0.28],
    std: [0.35],
    digest,
  },
  samples: { training: 55_000, validation: 5_000, test: 10_000 },
};
const model: ModelDescription = {
  network: {
    name: 'tiny',
    input: { height: 32, width: 32, channels: 3 },
    classes: 10,
    nodes: [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: { height: 32, width: 32, channels: 3 } }],
  },
  modelDigest: digest,
  preprocessing: { imageSize: 32, padding: 2, mean: [0.28], std: [0.35] },
};
const request: EvaluationRequest = {
  model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10, outputStride: undefined },
  dataset: { name: 'fashion-mnist' },
  policy: uniformPolicy(3, 4),
  fidelity: {
    ...{ calibrationSamples: 64, finetuneSamples: 0, finetuneEpochs: 0 },
    ...{ validationSamples: 2048, learningRate: 0.01, batchSize: 64 },
  },
  split: 'validation',
  seed: 7,
};

const integerRequest: IntegerRealizationRequest = {
  ...{ model: request.model, dataset: request.dataset, specification: 'onnxruntime-cpu', search: 'greedy' },
  ...{ objective: 'divergence', thresholds: 'quantile:0.999', powerOfTwo: true, calibrationSamples: 128 },
  ...{
    scoredSamples: 500,
    maxTrials: 50,
    seed: 4,
    floatLayers: 3,
    fitsAccumulators: true,
    replay: undefined,
    latency: undefined,
  },
};
const realization: IntegerRealization = {
  ...{ onnxDigest: digest, bytes: 1234, opset: 17, logDigest: 'cd'.repeat(32), floatAccuracy: 0.93, trials: 50 },
  ...{ simulatedAccuracy: 0.92, testAccuracy: 0.92, checkedSamples: 1000, parity: 1, seconds: 3.5 },
  bits: [{ variable: 'stem -> relu[0]', bits: 31 }],
  speed: { floatMs: 12.5, integersMs: 5.5, timesAsFast: 2.25 },
};

const sensitivityRequest: SensitivityRequest = {
  ...{ model: request.model, dataset: request.dataset, measures: ['orthogonality', 'loss-increase'] },
  scheme: { weightQuantizer: 'linear', granularity: 'per-channel' },
  ...{ weightBits: [2, 8], activationBits: [4], featureSamples: 64, samples: 256, calibrationSamples: 128, seed: 3 },
};
const sensitivity: SensitivityReport = {
  ...{ weightBits: [2, 8], activationBits: [4], featureSamples: 64, samples: 256, seconds: 2.5 },
  orthogonality: [
    [1, 0.5],
    [0.5, 1],
  ],
  increases: [
    {
      measure: 'loss-increase',
      layers: [
        { weights: [1.5, Number.NaN], activations: [0.25], curvature: undefined },
        { weights: [0.5, -0.01], activations: [Number.POSITIVE_INFINITY], curvature: undefined },
      ],
    },
  ],
};

const learnRequest: LearnPrecisionRequest = {
  ...{ model: request.model, dataset: request.dataset, fidelity: request.fidelity, split: 'test', seed: 3 },
  budget: { kind: 'mean-bits', weightBits: 4, activationBits: 4.5 },
  ...{ maximumBits: 6, minimumBits: 2, pin: 'first-last', gateOrder: 2 },
  ...{ levelRate: 0.001, correction: 0.01, gateRate: 0.3 },
};
const learned: LearnPrecisionResult = {
  ...{ accuracy: 0.92, loss: 0.2, calibratedLoss: 0.15, split: 'test', samples: 10_000, seconds: 60 },
  uniformAccuracy: 0.9,
  policy: { weightQuantizer: 'k-means', granularity: 'per-tensor', layers: [{ weightBits: 1, activationBits: 2 }] },
  layers: [{ weightLevels: [-0.5, 0.25], weightScales: [0.5, 2], inputLevels: [0, 1, 2, 4], uniformError: 0.125 }],
  checkpointDigest: digest,
};

/** Does what the test says, and remembers what it was asked. */
class FakeQuantizer implements Quantizer {
  asked: unknown;
  signal: AbortSignal | undefined;
  work: (options: WorkOptions) => Promise<void> = () => Promise.resolve();

  parallelism = () => Promise.resolve(2);
  listModels = () => Promise.resolve([zoo]);
  listDatasets = () => Promise.resolve([dataset]);
  describeModel = (asked: unknown): Promise<ModelDescription> => {
    this.asked = asked;
    return Promise.resolve(model);
  };
  describeDataset = (asked: unknown): Promise<DatasetDescription> => {
    this.asked = asked;
    return Promise.resolve(dataset);
  };
  evaluatePolicy = (asked: unknown, options: WorkOptions = {}) => this.#run(asked, options, result);
  measureSensitivity = (asked: unknown, options: WorkOptions = {}): Promise<SensitivityReport> =>
    this.#run(asked, options, sensitivity);
  learnPrecision = (asked: unknown, options: WorkOptions = {}): Promise<LearnPrecisionResult> =>
    this.#run(asked, options, learned);
  realizeIntegers = (asked: unknown, options: WorkOptions = {}): Promise<IntegerRealization> =>
    this.#run(asked, options, realization);
  finetunePolicy = (asked: unknown, options: WorkOptions = {}): Promise<FinetuneResult> =>
    this.#run(asked, options, { ...result, split: 'test', validation: result, checkpointDigest: digest });
  exportModel = (asked: unknown, options: WorkOptions = {}): Promise<ExportResult> =>
    this.#run(asked, options, {
      ...{ onnxDigest: digest, bytes: 1e6, opset: 21, testAccuracy: 0.9, simulatedAccuracy: 0.9, parity: 1 },
    });

  async #run<T>(asked: unknown, options: WorkOptions, answer: T): Promise<T> {
    this.asked = asked;
    this.signal = options.signal;
    await this.work(options);
    return answer;
  }
}

async function serve(heartbeatMs?: number) {
  const local = new FakeQuantizer();
  const server = createServer();
  server.add(QuantizerServiceDefinition, quantizerHandlers(local, { heartbeatMs }));
  const channel = createChannel(await server.listen('127.0.0.1:0'));
  onTestFinished(async () => {
    channel.close();
    await server.close(0);
  });
  return { local, server, remote: new RemoteQuantizer(channel) };
}

describe('a remote quantizer', () => {
  it('says what it has, as the local one does', async () => {
    const { local, remote } = await serve();
    expect(await remote.parallelism()).toBe(2);
    expect(await remote.listModels()).toEqual([zoo]);
    expect(await remote.listDatasets()).toEqual([dataset]);
    expect(await remote.describeModel(request.model)).toEqual(model);
    expect(local.asked).toEqual(request.model);
    expect(await remote.describeDataset({ name: '/data/mine' })).toEqual(dataset);
    expect(local.asked).toEqual({ name: '/data/mine' });
  });

  it('evaluates, fine-tunes and exports what it was asked', async () => {
    const { local, remote } = await serve();
    expect(await remote.evaluatePolicy(request)).toEqual(result);
    expect(local.asked).toEqual(request);
    const float = { ...request, policy: undefined };
    expect(await remote.finetunePolicy(float)).toMatchObject({
      split: 'test',
      validation: result,
      checkpointDigest: digest,
    });
    expect(local.asked).toEqual(float);
    const { model: source, dataset: data } = request;
    const exportRequest = { model: source, dataset: data, policy: uniformPolicy(3, 8), checkpointDigest: digest };
    expect(await remote.exportModel(exportRequest)).toMatchObject({ onnxDigest: digest, opset: 21 });
    expect(local.asked).toEqual(exportRequest);
  });

  it('measures the sensitivity that it was asked for, values that are no numbers included', async () => {
    const { local, remote } = await serve();
    expect(await remote.measureSensitivity(sensitivityRequest)).toEqual(sensitivity);
    expect(local.asked).toEqual(sensitivityRequest);
    const known = ['weights/0/2 0.25 NaN', 'fisher/16 1e-300 Infinity'];
    await remote.measureSensitivity({ ...sensitivityRequest, known });
    expect(local.asked).toEqual({ ...sensitivityRequest, known });
  });

  it('learns the precision that it was asked for, levels and all, within mean bits or limits on what the network costs', async () => {
    const { local, remote } = await serve();
    expect(await remote.learnPrecision(learnRequest)).toEqual(learned);
    expect(local.asked).toEqual(learnRequest);
    const cost = { latencyMs: 1.5, executedWeightBits: 8, executedActivationBits: 8 };
    const table = {
      ...{ hardware: 'board', batch: 1, weightBits: [8], activationBits: [8], counted: [true], cells: [[[cost]]] },
      provenance: 'table',
    } as unknown as CostTable;
    const limits = [
      { metric: 'energy', table, limit: 2.5 },
      { metric: 'size', limit: 1e5 },
    ] as const;
    const budget = { kind: 'limits', limits } as const;
    await remote.learnPrecision({ ...learnRequest, budget, pin: 'none' });
    expect(local.asked).toMatchObject({ budget, pin: 'none' });
  });

  it.each([
    [{ maximumBits: 9 }, 'request.maximum_bits'],
    [{ minimumBits: 7 }, 'request.minimum_bits'],
    [{ correction: Number.NaN }, 'request.correction'],
    [{ levelRate: -1 }, 'request.level_rate'],
    [
      { budget: { kind: 'mean-bits', weightBits: 0, activationBits: 4 } as const },
      'request.budget.mean_bits.weight_bits',
    ],
    [{ budget: { kind: 'limits', limits: [] } as const }, 'request.budget.limits'],
    [{ budget: { kind: 'limits', limits: [{ metric: 'size', limit: 0 }] } as const }, 'request.budget.limits[0].limit'],
  ])('refuses to learn a precision with %j', async (wrong, field) => {
    const { remote } = await serve();
    await expect(remote.learnPrecision({ ...learnRequest, ...wrong })).rejects.toMatchObject({
      kind: 'invalid_argument',
      message: expect.stringContaining(field),
    });
  });

  it('realizes in integers what it was asked, with a log to replay and costs that count', async () => {
    const { local, remote } = await serve();
    expect(await remote.realizeIntegers(integerRequest)).toEqual(realization);
    expect(local.asked).toEqual(integerRequest);
    const cost = {
      ...{ latencyMs: 1.5, energyMj: undefined, trafficBytes: undefined, bound: undefined, computeMs: undefined },
      ...{ memoryMs: undefined, overheadMs: undefined, executedWeightBits: 8, executedActivationBits: 8 },
    };
    const table: CostTable = {
      ...{ hardware: 'board', batch: 1, weightBits: [8], activationBits: [8], counted: [true], cells: [[[cost]]] },
      provenance: 'table',
    };
    const full = { ...integerRequest, replay: '{"version":0.1}', latency: { table, weight: 0.05 } };
    await remote.realizeIntegers(full);
    expect(local.asked).toMatchObject(full);
  });

  it.each([
    [{ specification: '' }, 'request.specification'],
    [{ maxTrials: 0 }, 'request.max_trials'],
    [{ calibrationSamples: 0 }, 'request.calibration_samples'],
  ])('refuses an integer request that cannot be used: %o', async (wrong, field) => {
    const { remote } = await serve();
    await expect(remote.realizeIntegers({ ...integerRequest, ...wrong })).rejects.toMatchObject({
      kind: 'invalid_argument',
      message: expect.stringContaining(field),
    });
  });

  it('brings progress as it comes, the last one again as a heartbeat', async () => {
    const { local, remote } = await serve(20);
    local.work = async ({ onProgress }) => {
      onProgress?.({ phase: 'calibrating', done: 1, total: 2 });
      await sleep(150);
      onProgress?.({ phase: 'training', done: 2, total: 2 });
      await sleep(10);
    };
    const seen: WorkProgress[] = [];
    await remote.evaluatePolicy(request, { onProgress: (progress) => seen.push(progress) });
    expect(seen.filter(({ phase }) => phase === 'calibrating').length).toBeGreaterThan(2);
    expect(seen.at(-1)).toEqual({ phase: 'training', done: 2, total: 2 });
  });

  it('brings every line that work logs, once and in order, however fast they come and however long they are', async () => {
    const { local, remote } = await serve(20);
    const lines = Array.from({ length: 60 }, (_, index) => `${index}`.padEnd(400_000, '.'));
    local.work = async ({ onProgress }) => {
      for (const [index, line] of lines.entries()) {
        onProgress?.({ phase: 'searching', done: index + 1, total: 60, logLines: [line] });
      }
      await sleep(100);
      onProgress?.({ phase: 'searching', done: 60, total: 60, logLines: ['last'] });
    };
    const seen: WorkProgress[] = [];
    await remote.evaluatePolicy(request, { onProgress: (progress) => seen.push(progress) });
    const received = seen.flatMap(({ logLines = [] }) => logLines);
    expect(received.map((line) => line.slice(0, 4))).toEqual([...lines, 'last'].map((line) => line.slice(0, 4)));
  });

  it('cancels the work within a second, also when it does not listen', async () => {
    const { local, remote } = await serve();
    local.work = () => new Promise(() => {});
    const abort = new AbortController();
    const call = remote.evaluatePolicy(request, { signal: abort.signal });
    await expect.poll(() => local.signal).toBeDefined();
    const startedAt = Date.now();
    abort.abort();
    await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
    await expect.poll(() => local.signal?.aborted).toBe(true);
    expect(Date.now() - startedAt).toBeLessThan(1000);
  });

  it('answers other calls while work runs', async () => {
    const { local, remote } = await serve();
    local.work = ({ signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const abort = new AbortController();
    const call = remote.evaluatePolicy(request, { signal: abort.signal });
    expect(await remote.parallelism()).toBe(2);
    abort.abort();
    await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('passes on why work failed', async () => {
    const { local, remote } = await serve();
    local.work = () => Promise.reject(new BitwrightError('resource_exhausted', 'QUEUE_FULL', 'come back later'));
    await expect(remote.evaluatePolicy(request)).rejects.toMatchObject({
      kind: 'resource_exhausted',
      reason: 'QUEUE_FULL',
    });
  });

  it('names the field of a request that is refused', async () => {
    const { remote } = await serve();
    const bad = { ...request, fidelity: { ...request.fidelity, batchSize: 0 } };
    const field = 'request.evaluation.fidelity.batch_size';
    await expect(remote.evaluatePolicy(bad)).rejects.toMatchObject({
      kind: 'invalid_argument',
      violations: [{ field }],
    });
  });

  it.each([
    [{ weightBits: [4, 2] }, 'request.weight_bits[1]'],
    [{ activationBits: [32] }, 'request.activation_bits'],
    [{ featureSamples: 1 }, 'request.feature_samples'],
    [{ measures: [] }, 'request.measures'],
    [{ samples: 0 }, 'request.samples'],
  ])('refuses to measure a sensitivity with %j', async (change, field) => {
    const { remote } = await serve();
    await expect(remote.measureSensitivity({ ...sensitivityRequest, ...change })).rejects.toMatchObject({
      kind: 'invalid_argument',
      violations: [{ field }],
    });
  });

  it('is unavailable, not cancelled, when the service dies in the middle of the work', async () => {
    const { local, remote, server } = await serve();
    local.work = () => new Promise(() => {});
    const call = remote.evaluatePolicy(request);
    await expect.poll(() => local.signal).toBeDefined();
    void server.close(0);
    await expect(call).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
