import type { Fidelity, ParameterTensor } from '@bitwright/core';
import { overScales } from '@bitwright/quantizers';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpointFile, writeCheckpointFile } from '../jobs/checkpoint-file.js';
import { exportTunedModel } from '../jobs/export-tuned-model.js';
import { quantizeParameters } from '../quantization/quantize-parameters.js';
import { finish } from '../work.js';
import { type BitBudget, usageOf } from './bit-budget.js';
import type { LearningOptions } from './learning.js';
import { createPolicyEvaluator, DEFAULT_EVALUATOR } from './policy-evaluator.js';
import { projectPlan } from './project-levels.js';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from './toy-task.test-support.js';

const OPTIONS: LearningOptions = {
  ...{ maximumBits: 6, minimumBits: 2, pin: 'first-last', order: 2 },
  ...{ levelRate: 1e-3, correction: 0.01, gateRate: 0.3 },
};

const data = createToyDataset();
const model = trainToyModel(data);
const evaluator = createPolicyEvaluator(model, data, TOY_PREPROCESSING, {
  ...DEFAULT_EVALUATOR,
  statisticsSamples: 256,
});
const { layers } = evaluator;
const fidelity: Fidelity = {
  ...{ calibrationSamples: 64, finetuneSamples: 512, finetuneEpochs: 3, validationSamples: 0 },
  ...{ learningRate: 0.01, batchSize: 32 },
};
const inner = (index: number) => index > 0 && index < layers.length - 1;

/** Mean bits of the layers that are not pinned, each layer counting the same. */
const meanBits = (role: 'weightBits' | 'activationBits', bits: number): BitBudget => ({
  ...{ name: `a mean of ${role}`, limit: bits * (layers.length - 2), unit: layers.length - 2 },
  cost: (layer, precision) => (inner(layer) ? precision[role] : 0),
});

function learn(bits: number, options: Partial<LearningOptions> = {}, seed = 1) {
  const budgets = [meanBits('weightBits', bits), meanBits('activationBits', bits)];
  const learning = { budgets, fidelity, seed, options: { ...OPTIONS, ...options } };
  return { budgets, outcome: finish(evaluator.learn(learning, 'test')) };
}

afterAll(() => evaluator[Symbol.dispose]());

describe('learning levels and bits', () => {
  it('meets its budgets, keeps what is pinned, and has no more levels than its bits can name', () => {
    const { budgets, outcome } = learn(4);
    for (const budget of budgets) expect(usageOf(budget, outcome.layers)).toBeLessThanOrEqual(1);
    expect(outcome.layers[0]).toEqual({ weightBits: 8, activationBits: 8 });
    expect(outcome.layers.at(-1)).toEqual({ weightBits: 8, activationBits: 8 });
    const quantized = quantizeParameters(outcome.parameters, outcome.plan);
    outcome.plan.forEach(({ layer, weight, activation }, index) => {
      expect([weight.kind, activation.kind]).toEqual(inner(index) ? ['levels', 'levels'] : ['linear', 'linear']);
      if (activation.kind !== 'levels') return;
      const { weightBits, activationBits } = outcome.layers[index] as (typeof outcome.layers)[number];
      const { values } = quantized.get(`${layer.name}.weight`) as ParameterTensor;
      const { levels, scales } = weight as Extract<typeof weight, { kind: 'levels' }>;
      expect(levels).toHaveLength(2 ** weightBits);
      const places = Array.from(scales, (scale) => new Set(levels.map((level) => level * scale)));
      const channelOf = (at: number) => Math.floor((at * scales.length) / values.length);
      expect(values.every((value, at) => places[channelOf(at)]?.has(value))).toBe(true);
      expect(new Set(overScales(values, scales)).size).toBeGreaterThan(2);
      expect(activation.levels).toHaveLength(2 ** activationBits);
      expect(activation.levels).toEqual(activation.levels.slice().sort());
    });
    expect(outcome.accuracy).toBeGreaterThan(0.8);
  });

  it('gives the same for the same request, and levels that moved', () => {
    const [first, second] = [learn(3), learn(3)].map(({ outcome }) => outcome);
    expect(second?.layers).toEqual(first?.layers);
    expect(second?.classes).toEqual(first?.classes);
    expect(second?.plan).toEqual(first?.plan);
    const still = learn(3, { levelRate: 0, correction: 0 }).outcome;
    expect(still.plan).not.toEqual(first?.plan);
  });

  it('refuses a budget that the fewest bits exceed, before it trains', () => {
    expect(() => learn(1.5)).toThrow(
      'a mean of weightBits of 1.50000 cannot be reached: with 2 bits everywhere the smallest is 2.00000',
    );
  });

  it('refuses to learn from nothing', () => {
    const learning = { budgets: [], fidelity: { ...fidelity, finetuneEpochs: 0 }, seed: 1, options: OPTIONS };
    expect(() => finish(evaluator.learn(learning, 'test'))).toThrow('epoch');
  });

  it('refuses more bits at the end than at the start', () => {
    expect(() => learn(4, { minimumBits: 7 })).toThrow('minimum_bits: is 7; use at most maximum_bits, 6');
  });

  it('survives in a checkpoint, and in ONNX Runtime names the classes that it names here', async () => {
    const { outcome } = learn(4);
    const { parameters, plan } = outcome;
    const tuned = readCheckpointFile(writeCheckpointFile({ model: { network: model.network, parameters }, plan }));
    expect(tuned.plan).toEqual(plan);
    const context = { onProgress: () => {}, pause: async () => {} };
    const bench = { data, preprocessing: TOY_PREPROCESSING };
    const { result } = await exportTunedModel(tuned, evaluator, bench, context as never);
    expect(result.simulatedAccuracy).toBe(outcome.accuracy);
    expect(result.parity).toBeGreaterThan(0.995);
  });

  it('has uniform grids to offer, and says by how much they miss', () => {
    const { outcome } = learn(4);
    const projected = projectPlan(outcome.plan, outcome.parameters);
    expect(
      projected.plan.every(({ weight, activation }) => weight.kind === 'linear' && activation.kind === 'linear'),
    ).toBe(true);
    projected.errors.forEach((error, index) => {
      expect(error).toBeGreaterThanOrEqual(0);
      expect(error).toBeLessThan(0.5);
      expect(error > 0).toBe(inner(index));
    });
    expect(finish(evaluator.remeasure(outcome.parameters, projected.plan, 'test', 0)).accuracy).toBeGreaterThan(0.5);
  });
});
