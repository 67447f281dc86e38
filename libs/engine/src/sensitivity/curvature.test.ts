import type { Parameters, ParameterTensor } from '@bitwright/core';
import { afterAll, describe, expect, it } from 'vitest';
import { createPolicyEvaluator, DEFAULT_EVALUATOR } from '../evaluation/policy-evaluator.js';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { composeBatch } from '../samples/batch-composer.js';
import { finish } from '../work.js';
import { fisherCurvatures, hessianCurvatures } from './curvature.js';
import { measureSensitivity } from './measure-sensitivity.js';
import { createWeightGradients, weightOf } from './weight-gradients.js';

const data = createToyDataset();
const model = trainToyModel(data);
const evaluator = createPolicyEvaluator(model, data, TOY_PREPROCESSING, DEFAULT_EVALUATOR);
const bench = { model, data, preprocessing: TOY_PREPROCESSING, evaluator };
const { layers } = evaluator;
const batchOf = (first: number, count: number) =>
  composeBatch(
    data.splits.training,
    Uint32Array.from({ length: count }, (_, index) => first + index),
    TOY_PREPROCESSING,
  );
const gradientsFor = (size: number) =>
  createWeightGradients(model.network, layers, TOY_PREPROCESSING, model.parameters, size);

afterAll(() => evaluator[Symbol.dispose]());

describe('the curvature of the loss', () => {
  it('by random directions is near the trace of the Hessian, column by column', () => {
    const batch = batchOf(0, 64);
    const last = layers.length - 1;
    const layer = layers[last] as (typeof layers)[number];
    using gradients = gradientsFor(64);
    const { shape, values } = model.parameters.get(weightOf(layer)) as ParameterTensor;
    const step = 1e-2;
    let trace = 0;
    for (let index = 0; index < values.length; index += 1) {
      const at = (side: number) => {
        const moved = values.with(index, (values[index] as number) + side * step);
        gradients.setParameters(new Map([[weightOf(layer), { shape, values: moved }]]) as Parameters);
        return gradients.of(batch)[last]?.[index] as number;
      };
      trace += (at(1) - at(-1)) / (2 * step);
    }
    const found = finish(hessianCurvatures(bench, [batch], 5))[last] as number;
    expect(trace).toBeGreaterThan(0);
    expect(found * layer.weights).toBeGreaterThan(0.5 * trace);
    expect(found * layer.weights).toBeLessThan(1.5 * trace);
  });

  it('by squared gradients is that of single samples, not of their mean', () => {
    const samples = [batchOf(0, 1), batchOf(1, 1)];
    using gradients = gradientsFor(1);
    const squares = samples.map((sample) =>
      gradients.of(sample).map((gradient) => gradient.reduce((sum, value) => sum + value * value, 0)),
    );
    finish(fisherCurvatures(bench, samples)).forEach((curvature, layer) => {
      const mean = ((squares[0]?.[layer] as number) + (squares[1]?.[layer] as number)) / 2;
      expect(curvature).toBeCloseTo(mean / (layers[layer]?.weights as number), 9);
    });
  });

  it('makes of quantization errors what weights add to the loss: more with fewer bits, the same with the same seed', () => {
    const task = {
      ...{ measures: ['hessian-trace', 'fisher'] as const, weightBits: [2, 4, 8], activationBits: [4, 8], seed: 3 },
      scheme: { weightQuantizer: 'linear', granularity: 'per-channel' } as const,
      ...{ featureSamples: 8, samples: 64, calibrationSamples: 64 },
    };
    const report = finish(measureSensitivity(bench, task));
    expect(report.increases.map(({ measure }) => measure)).toEqual(['hessian-trace', 'fisher']);
    for (const { layers: tables } of report.increases) {
      expect(tables).toHaveLength(layers.length);
      expect(tables.some(({ curvature = 0 }) => curvature > 0)).toBe(true);
      for (const { weights, activations } of tables) {
        expect(weights[0]).toBeGreaterThanOrEqual(weights[1] as number);
        expect(weights[1]).toBeGreaterThanOrEqual(weights[2] as number);
        expect(activations).toHaveLength(2);
      }
    }
    expect(finish(measureSensitivity(bench, task))).toEqual(report);
  });
});
