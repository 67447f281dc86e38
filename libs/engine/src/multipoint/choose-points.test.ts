import { costOfPolicy, type PointAllocation, type PrecisionPolicy, uniformPolicy } from '@bitwright/core';
import { afterAll, expect, it } from 'vitest';
import { createPolicyEvaluator, DEFAULT_EVALUATOR } from '../evaluation/policy-evaluator.js';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { layerPointsOf, type QuantizationPlan } from '../quantization/plan.js';
import { finish } from '../work.js';

const data = createToyDataset();
const model = trainToyModel(data);
const options = { ...DEFAULT_EVALUATOR, statisticsSamples: 256 };
const evaluator = createPolicyEvaluator(model, data, TOY_PREPROCESSING, options);
const { layers } = evaluator;
afterAll(() => evaluator[Symbol.dispose]());

const fidelity = {
  ...{ calibrationSamples: 64, finetuneSamples: 0, finetuneEpochs: 0, validationSamples: 0 },
  ...{ learningRate: 0.01, batchSize: 32 },
};
const policyOf = (points: PointAllocation, bits = 2): PrecisionPolicy => {
  const { layers: precisions, granularity } = uniformPolicy(layers.length, bits, 8);
  const eight = { weightBits: 8, activationBits: 8 };
  return { granularity, weightQuantizer: 'multipoint', points, layers: [eight, ...precisions.slice(1)] };
};
const evaluate = (policy: PrecisionPolicy, finetuneEpochs = 0) =>
  finish(
    evaluator.evaluate({
      policy,
      fidelity: { ...fidelity, finetuneEpochs, finetuneSamples: 256 * finetuneEpochs },
      split: 'validation',
      seed: 1,
    }),
  );
const sizeOf = (policy: PrecisionPolicy) => costOfPolicy(layers, undefined, policy).sizeBytes;
const pointsOf = (plan: QuantizationPlan | undefined) => layerPointsOf(plan ?? []);
const sumOf = (counts: readonly number[] = []) => counts.reduce((sum, count) => sum + count, 0);
const onePoint = layers.map(({ outChannels }) => outChannels);

it('spends a size and no more, and leaves layers of 8 bits alone', () => {
  const policy = policyOf({ rule: 'size-ratio', limit: 1.6, maximumPoints: 4 });
  const layerPoints = pointsOf(evaluate(policy).plan) ?? [];
  const found = sizeOf({ ...policy, layerPoints });
  expect(found).toBeLessThanOrEqual(sizeOf(policy));
  // What is left is less than one more point of the largest layer.
  expect(found).toBeGreaterThan(sizeOf(policy) - 40);
  expect(layerPoints[0]).toBe(layers[0]?.outChannels);
  expect(layerPoints.slice(1).some((count, index) => count > (onePoint[index + 1] as number))).toBe(true);
});

it('spends a number of bytes for all weights', () => {
  const limit = 1.4 * sizeOf({ ...policyOf({ rule: 'size', limit: 0, maximumPoints: 4 }), layerPoints: onePoint });
  const policy = policyOf({ rule: 'size', limit, maximumPoints: 4 });
  const found = sizeOf({ ...policy, layerPoints: pointsOf(evaluate(policy).plan) });
  expect(found).toBeLessThanOrEqual(limit);
  expect(found).toBeGreaterThan(limit - 40);
});

it('gives more points for a smaller error, up to what a channel may have', () => {
  for (const rule of ['relative-error', 'absolute-error'] as const) {
    const counts = [1e9, 0.1, 0.001, 0].map((limit) =>
      sumOf(pointsOf(evaluate(policyOf({ rule, limit, maximumPoints: 3 })).plan)),
    );
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    const [first = 0, ...others] = onePoint;
    expect(counts.at(0)).toBe(sumOf(onePoint));
    expect(counts.at(-1)).toBe(first + 3 * sumOf(others));
  }
});

it('comes closer to the float network with more points', () => {
  const float = evaluate(policyOf({ rule: 'relative-error', limit: 1, maximumPoints: 4 }, 8));
  const distances = [1, 2, 4].map((limit) =>
    Math.abs(evaluate(policyOf({ rule: 'size-ratio', limit, maximumPoints: 4 })).loss - float.loss),
  );
  expect(distances[2]).toBeLessThan(0.5 * (distances[0] as number));
  expect(distances[1]).toBeLessThan(distances[0] as number);
});

it('gives the same for the same, and as many points as a policy says', () => {
  const policy = policyOf({ rule: 'size-ratio', limit: 1.6, maximumPoints: 4 });
  const [once, again] = [evaluate(policy), evaluate(policy)];
  expect(again.plan).toEqual(once.plan);
  const layerPoints = onePoint.map((count, index) => (index === 0 ? count : 2 * count - 1));
  expect(pointsOf(evaluate({ ...policy, layerPoints }).plan)).toEqual(layerPoints);
});

it.each([
  { rule: 'size-ratio', limit: 1.6, maximumPoints: 2 },
  { rule: 'size', limit: 900, maximumPoints: 3 },
  { rule: 'relative-error', limit: 0.02, maximumPoints: 4 },
] as const)('gives a policy that was measured the points that it was measured with: $rule', (points) => {
  const policy = policyOf(points);
  const { plan } = evaluate(policy);
  expect(evaluate({ ...policy, layerPoints: pointsOf(plan) ?? [] }).plan).toEqual(plan);
});

it('gives as many points as a policy says where they help nothing', () => {
  const policy = policyOf({ rule: 'relative-error', limit: 0.02, maximumPoints: 2 }, 7);
  const layerPoints = onePoint.map((count, index) => (index === 0 ? count : 3 * count));
  expect(pointsOf(evaluate({ ...policy, layerPoints }).plan)).toEqual(layerPoints);
});

it('learns coefficients in fine-tuning and keeps the codes', () => {
  const policy = policyOf({ rule: 'size-ratio', limit: 1.3, maximumPoints: 4 });
  const [still, tuned] = [evaluate(policy), evaluate(policy, 2)];
  expect(tuned.loss).toBeLessThan(still.loss);
  for (const [index, { weight }] of (tuned.plan ?? []).entries()) {
    const before = still.plan?.[index]?.weight;
    if (weight.kind !== 'multipoint' || before?.kind !== 'multipoint') continue;
    expect(weight.multipoint.codes).toEqual(before.multipoint.codes);
    expect(weight.multipoint.coefficients).not.toEqual(before.multipoint.coefficients);
  }
});
