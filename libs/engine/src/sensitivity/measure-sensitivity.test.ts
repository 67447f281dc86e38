import { type SensitivityMeasure, type SensitivityReport, uniformPolicy } from '@bitwright/core';
import { afterAll, describe, expect, it } from 'vitest';
import { createPolicyEvaluator, DEFAULT_EVALUATOR } from '../evaluation/policy-evaluator.js';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { finish } from '../work.js';
import { measureSensitivity } from './measure-sensitivity.js';
import type { SensitivityTask } from './sensitivity-task.js';

const data = createToyDataset();
const model = trainToyModel(data);
const evaluator = createPolicyEvaluator(model, data, TOY_PREPROCESSING, DEFAULT_EVALUATOR);
const bench = { model, data, preprocessing: TOY_PREPROCESSING, evaluator };
const layers = evaluator.layers.length;
const WIDTHS = [1, 2, 4, 8];
const task: SensitivityTask = {
  ...{ measures: ['orthogonality', 'loss-increase', 'output-divergence'] },
  scheme: { weightQuantizer: 'linear', granularity: 'per-channel' },
  ...{ weightBits: WIDTHS, activationBits: WIDTHS, featureSamples: 64, samples: 200, calibrationSamples: 64, seed: 3 },
};
const measure = (changes: Partial<SensitivityTask> = {}) => finish(measureSensitivity(bench, { ...task, ...changes }));
const increasesOf = (report: Pick<SensitivityReport, 'increases'>, measured: SensitivityMeasure) =>
  report.increases.find((table) => table.measure === measured)?.layers ?? [];

afterAll(() => evaluator[Symbol.dispose]());

describe('the sensitivity of a network', () => {
  const report = measure();

  it('compares every layer with every other', () => {
    const matrix = report.orthogonality ?? [];
    expect(matrix).toHaveLength(layers);
    matrix.forEach((row, i) => {
      expect(row[i]).toBe(1);
      row.forEach((value, j) => {
        expect(value).toBe(matrix[j]?.[i]);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      });
    });
    expect(new Set(matrix.flat()).size).toBeGreaterThan(layers);
  });

  it.each(['loss-increase', 'output-divergence'] as const)('of few bits is greater than of many: %s', (measured) => {
    const table = increasesOf(report, measured);
    expect(table).toHaveLength(layers);
    for (const role of ['weights', 'activations'] as const) {
      const sum = (at: number) => table.reduce((total, layer) => total + (layer[role][at] as number), 0);
      expect(sum(0)).toBeGreaterThan(4 * Math.abs(sum(2)));
      expect(Math.abs(sum(3))).toBeLessThan(0.02);
    }
  });

  it.each([
    ['single layers', { measures: ['loss-increase', 'output-divergence'] }],
    ['directions of the Hessian', { measures: ['hessian-trace'] }],
    ['squares of gradients', { measures: ['fisher'] }],
  ] as const)(
    'is the same when it goes on from what was measured before, which is not measured again: %s',
    (_, changes) => {
      const asked = { ...task, ...changes, weightBits: [2, 8], activationBits: [1, 4] };
      const linesOf = (known: readonly string[]) => {
        const lines: string[] = [];
        const work = measureSensitivity(bench, { ...asked, known });
        for (let step = work.next(); ; step = work.next()) {
          if (step.done === true) return { lines, measured: step.value };
          lines.push(...(step.value.logLines ?? []));
        }
      };
      const whole = linesOf([]);
      for (const part of [0.3, 0.8, 1]) {
        const known = whole.lines.slice(0, Math.round(part * whole.lines.length));
        const resumed = linesOf(known);
        expect(resumed.measured).toEqual(whole.measured);
        expect([...known, ...resumed.lines]).toEqual(whole.lines);
      }
    },
  );

  it('never finds outputs nearer to the float network than the network itself', () => {
    for (const { weights, activations } of increasesOf(report, 'output-divergence')) {
      for (const value of [...weights, ...activations]) expect(value).toBeGreaterThanOrEqual(0);
    }
  });

  it('tells which layer matters: its order agrees with that of whole evaluations', () => {
    const fidelity = {
      ...{ calibrationSamples: 64, finetuneSamples: 0, finetuneEpochs: 0, validationSamples: 0 },
      ...{ learningRate: 0.01, batchSize: 32 },
    };
    const lossWith = (layer: number) => {
      const policy = uniformPolicy(layers, 32);
      const changed = policy.layers.map((bits, index) => (index === layer ? { ...bits, weightBits: 1 } : bits));
      const request = { policy: { ...policy, layers: changed }, fidelity, split: 'training', seed: 3 } as const;
      return finish(evaluator.evaluate(request)).loss;
    };
    const found = increasesOf(report, 'loss-increase').map(({ weights }) => weights[0] as number);
    const real = found.map((_, layer) => lossWith(layer));
    const worst = (values: readonly number[]) => values.indexOf(Math.max(...values));
    expect(worst(found)).toBe(worst(real));
  });

  it('is the same for the same task, whatever was measured between, and another for another seed', () => {
    measure({ measures: ['output-divergence'], weightBits: [3], activationBits: [] });
    expect(measure()).toEqual(report);
    expect(measure({ seed: 4 })).not.toEqual(report);
  });

  it('has no more than what was asked for', () => {
    const one = measure({ measures: ['orthogonality'] });
    expect(one).toMatchObject({ increases: [], samples: 0, featureSamples: 64 });
    const other = measure({ measures: ['loss-increase'], weightBits: [], activationBits: [4] });
    expect(other).toMatchObject({ orthogonality: undefined, featureSamples: 0, samples: 128 });
    expect(increasesOf(other, 'loss-increase')[0]?.weights).toEqual([]);
  });

  it('says how many samples it was measured on: whole batches of those asked for, or what there is', () => {
    const on = (samples: number) =>
      measure({ measures: ['output-divergence'], weightBits: [2], activationBits: [], samples });
    expect(on(128)).toEqual(on(200));
    expect(on(200).samples).toBe(128);
    expect(on(256).samples).toBe(256);
    expect(on(50).samples).toBe(50);
    expect(on(50)).not.toEqual(on(128));
  });

  it('measures codebooks as well', () => {
    const scheme = { weightQuantizer: 'k-means', granularity: 'per-tensor' } as const;
    const codebooks = measure({ measures: ['output-divergence'], scheme, weightBits: [1, 4], activationBits: [] });
    const [first] = increasesOf(codebooks, 'output-divergence');
    expect(first?.weights[0]).toBeGreaterThan(first?.weights[1] as number);
  });

  it('tells its progress in phases', () => {
    const phases = new Set<string>();
    for (const { phase, done, total } of measureSensitivity(bench, { ...task, weightBits: [4], activationBits: [] })) {
      phases.add(phase);
      expect(done).toBeLessThanOrEqual(total);
    }
    expect([...phases]).toEqual(['comparing layers', 'measuring sensitivity']);
  });
});
