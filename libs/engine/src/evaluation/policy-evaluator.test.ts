import { type Fidelity, type PrecisionPolicy, uniformPolicy } from '@bitwright/core';
import { afterAll, describe, expect, it } from 'vitest';
import { measureAccuracy } from '../measuring/classifier.js';
import type { QuantizationPlan } from '../quantization/plan.js';
import { finish } from '../work.js';
import { createPolicyEvaluator, DEFAULT_EVALUATOR } from './policy-evaluator.js';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from './toy-task.test-support.js';

const data = createToyDataset();
const model = trainToyModel(data);
const options = { ...DEFAULT_EVALUATOR, statisticsSamples: 256 };
const evaluator = createPolicyEvaluator(model, data, TOY_PREPROCESSING, options);
const fidelity: Fidelity = {
  calibrationSamples: 64,
  finetuneSamples: 0,
  finetuneEpochs: 0,
  validationSamples: 0,
  learningRate: 0.01,
  batchSize: 32,
};
const tuned: Fidelity = { ...fidelity, finetuneSamples: 512, finetuneEpochs: 2 };
const layers = evaluator.layers.length;
const kMeans = { weightQuantizer: 'k-means', granularity: 'per-tensor' } as const;

const evaluate = (policy: PrecisionPolicy | undefined, changes: Partial<Fidelity> = {}, seed = 1) =>
  finish(evaluator.evaluate({ policy, fidelity: { ...fidelity, ...changes }, split: 'validation', seed }));

afterAll(() => evaluator[Symbol.dispose]());

describe('a policy evaluator', () => {
  it('measures the float network as it is', () => {
    const measured = measureAccuracy(model, data.splits.validation, TOY_PREPROCESSING);
    expect(measured.accuracy).toBeGreaterThan(0.9);
    const { accuracy, loss } = evaluate(undefined);
    expect(accuracy).toBe(measured.accuracy);
    expect(loss).toBeCloseTo(measured.loss, 4);
  });

  it('loses next to nothing at 8 bits and most at 1 bit', () => {
    const float = evaluate(undefined).accuracy;
    expect(evaluate(uniformPolicy(layers, 8)).accuracy).toBeGreaterThan(float - 0.02);
    expect(evaluate(uniformPolicy(layers, 1)).accuracy).toBeLessThan(float);
  });

  it('gains by fine-tuning where bits are few', () => {
    const policy = uniformPolicy(layers, 2, 3);
    expect(evaluate(policy, tuned).loss).toBeLessThan(evaluate(policy).loss);
  });

  it('learns from the float network where the labels say nothing', () => {
    const { training } = data.splits;
    const unlabelled = { ...training, labels: new Int32Array(training.count) };
    const splits = { ...data.splits, training: unlabelled };
    using untold = createPolicyEvaluator(model, { ...data, splits }, TOY_PREPROCESSING, options);
    const accuracyWith = (distillation: number) => {
      const policy = uniformPolicy(layers, 3);
      return finish(untold.evaluate({ policy, fidelity: { ...tuned, distillation }, split: 'validation', seed: 1 }))
        .accuracy;
    };
    expect(accuracyWith(1)).toBeGreaterThan(0.9);
    expect(accuracyWith(0)).toBeLessThan(0.5);
  });

  it.each([
    ['linear', uniformPolicy(layers, 3)],
    ['k-means', uniformPolicy(layers, 2, 32, kMeans)],
  ])('gives the same for the same request, whatever came between: %s', (_, policy) => {
    const first = evaluate(policy, tuned);
    evaluate(uniformPolicy(layers, 5), tuned, 2);
    const second = evaluate(policy, tuned);
    expect([second.accuracy, second.loss]).toEqual([first.accuracy, first.loss]);
    expect(second.classes).toEqual(first.classes);
  });

  it('calibrates on the samples asked for, whatever it calibrated on before', () => {
    const policy = uniformPolicy(layers, 8);
    using fresh = createPolicyEvaluator(model, data, TOY_PREPROCESSING, options);
    const many = finish(evaluator.plan(policy, fidelity.calibrationSamples, 1));
    const few = finish(evaluator.plan(policy, 4, 1));
    expect(few).toEqual(finish(fresh.plan(policy, 4, 1)));
    expect(few).not.toEqual(many);
  });

  it('moves the thresholds of layers, but not that of the images, which no gradient reaches', () => {
    const policy = uniformPolicy(layers, 4);
    const clipsOf = (plan: QuantizationPlan = []) =>
      plan.map(({ activation }) => (activation.kind === 'linear' ? Math.fround(activation.clip) : 0));
    const [first, ...others] = clipsOf(finish(evaluator.plan(policy, fidelity.calibrationSamples, 1)));
    const [learnedFirst, ...learned] = clipsOf(evaluate(policy, tuned).plan);
    expect(learnedFirst).toBe(first);
    learned.forEach((clip, index) => {
      expect(clip).not.toBe(others[index]);
    });
  });

  it('keeps weights on few values with k-means', () => {
    const { parameters, plan } = evaluate(uniformPolicy(layers, 2, 32, kMeans), tuned);
    for (const { layer } of plan ?? []) {
      const values = new Set(parameters.get(`${layer.name}.weight`)?.values);
      expect(values.size).toBeLessThanOrEqual(4);
    }
  });

  it('takes layers left in float next to quantized ones', () => {
    const mixed = {
      ...uniformPolicy(layers, 8),
      layers: uniformPolicy(layers, 8).layers.map((bits, index) =>
        index % 2 === 0 ? bits : { weightBits: 32, activationBits: 32 },
      ),
    };
    expect(evaluate(mixed, tuned).accuracy).toBeGreaterThan(0.9);
  });

  it('measures tuned parameters again as it measured them', () => {
    const outcome = evaluate(uniformPolicy(layers, 4), tuned);
    const again = finish(evaluator.measure(outcome.parameters, outcome.plan, 'validation', 0));
    expect(again.classes).toEqual(outcome.classes);
  });

  it('gives back what it began with where fine-tuning diverges', () => {
    const outcome = evaluate(uniformPolicy(layers, 4), { ...tuned, learningRate: 1e30 });
    expect(Number.isFinite(outcome.loss)).toBe(true);
    expect(outcome.accuracy).toBeGreaterThan(0.5);
  });

  it('tells its progress in phases', () => {
    const phases = new Set<string>();
    for (const { phase } of evaluator.evaluate({
      policy: uniformPolicy(layers, 6),
      fidelity: { ...tuned, calibrationSamples: 32 },
      split: 'test',
      seed: 1,
    }))
      phases.add(phase);
    expect([...phases]).toEqual(['calibrating', 'fine-tuning', 'estimating statistics', 'measuring']);
  });

  it('fine-tunes with folded normalization as well', () => {
    const finetuning = { ...options.finetuning, batchNormalization: 'folded' } as const;
    using folded = createPolicyEvaluator(model, data, TOY_PREPROCESSING, { ...options, finetuning });
    const request = { policy: uniformPolicy(layers, 4), fidelity: tuned, split: 'validation', seed: 1 } as const;
    expect(finish(folded.evaluate(request)).accuracy).toBeGreaterThan(0.9);
  });
});
