import { type PointAllocation, type PrecisionPolicy, uniformPolicy } from '@bitwright/core';
import { afterAll, expect, it } from 'vitest';
import { createPolicyEvaluator, DEFAULT_EVALUATOR } from '../evaluation/policy-evaluator.js';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { quantizeParameters } from '../quantization/quantize-parameters.js';
import { finish } from '../work.js';
import { readCheckpointFile, writeCheckpointFile } from './checkpoint-file.js';
import { exportTunedModel } from './export-tuned-model.js';

const data = createToyDataset();
const model = trainToyModel(data);
const evaluator = createPolicyEvaluator(model, data, TOY_PREPROCESSING, {
  ...DEFAULT_EVALUATOR,
  statisticsSamples: 256,
});
const layers = evaluator.layers.length;
const context = { signal: new AbortController().signal, onProgress: () => {}, pause: async () => {} };

afterAll(() => evaluator[Symbol.dispose]());

const perTensor = { weightQuantizer: 'linear', granularity: 'per-tensor' } as const;
const kMeans = { weightQuantizer: 'k-means', granularity: 'per-tensor' } as const;
const multipoint = (bits: number, points: PointAllocation): PrecisionPolicy => ({
  ...uniformPolicy(layers, bits, 8),
  weightQuantizer: 'multipoint',
  points,
});
const mixed: PrecisionPolicy = {
  ...perTensor,
  granularity: 'per-channel',
  layers: Array.from({ length: layers }, (_, index) => ({
    weightBits: 1 + (index % 8),
    activationBits: 8 - (index % 6),
  })),
};

/** The last: how often the same network in integers agrees, where tensors that additions read are more precise. */
it.each<[string, PrecisionPolicy, number | undefined]>([
  ['8 bits', uniformPolicy(layers, 8), 0.99],
  ['8 bits per tensor', uniformPolicy(layers, 8, 8, perTensor), 0.99],
  ['4 bits', uniformPolicy(layers, 4), 0.9],
  ['2 bits', uniformPolicy(layers, 2), 0.7],
  ['1 bit', uniformPolicy(layers, 1), undefined],
  ['k-means at 2 bits', uniformPolicy(layers, 2, 32, kMeans), undefined],
  ['other bits in each layer', mixed, 0.85],
  ['points at 2 bits by size', multipoint(2, { rule: 'size-ratio', limit: 1.7, maximumPoints: 4 }), 0.99],
  ['points at 1 bit by error', multipoint(1, { rule: 'relative-error', limit: 0.2, maximumPoints: 3 }), 0.99],
  ['one point for each channel', multipoint(3, { rule: 'size-ratio', limit: 1, maximumPoints: 4 }), 0.99],
])('ONNX Runtime names the classes that the simulation names: %s', async (_, policy, parity) => {
  const fidelity = {
    calibrationSamples: 64,
    finetuneSamples: 256,
    finetuneEpochs: 1,
    validationSamples: 0,
    learningRate: 0.01,
    batchSize: 32,
  };
  const { parameters, plan = [] } = finish(evaluator.evaluate({ policy, fidelity, split: 'validation', seed: 1 }));
  const tuned = readCheckpointFile(writeCheckpointFile({ model: { network: model.network, parameters }, plan }));
  const { result, integers } = await exportTunedModel(
    tuned,
    evaluator,
    { data, preprocessing: TOY_PREPROCESSING },
    context,
  );
  expect(result.parity).toBeGreaterThanOrEqual(0.99);
  expect(Math.abs(result.testAccuracy - result.simulatedAccuracy)).toBeLessThanOrEqual(0.005);
  expect(result.points === undefined).toBe(policy.weightQuantizer !== 'multipoint');
  expect(integers?.result.parity ?? 0).toBeGreaterThanOrEqual(parity ?? 0);
  expect(integers === undefined).toBe(parity === undefined);
  expect(integers?.result.speed === undefined).toBe(parity === undefined);
});

it('gets the weights of a checkpoint back, also where training moved centroids past each other', () => {
  const policy = uniformPolicy(layers, 8, 32, kMeans);
  const fidelity = {
    ...{ calibrationSamples: 64, finetuneSamples: 512, finetuneEpochs: 4, validationSamples: 0 },
    ...{ learningRate: 0.01, batchSize: 32 },
  };
  const { parameters, plan = [] } = finish(evaluator.evaluate({ policy, fidelity, split: 'validation', seed: 1 }));
  const centroids = plan.flatMap(({ weight }) => (weight.kind === 'k-means' ? [weight.codebook.centroids] : []));
  expect(centroids.some((values) => values.some((value, index) => value < (values[index - 1] ?? value)))).toBe(true);
  const tuned = readCheckpointFile(writeCheckpointFile({ model: { network: model.network, parameters }, plan }));
  const expected = quantizeParameters(parameters, plan);
  for (const [name, { values }] of quantizeParameters(tuned.model.parameters, tuned.plan)) {
    expect(values).toEqual(expected.get(name)?.values);
  }
});
