import { describe, expect, it } from 'vitest';
import type { Report, ReportEntry, ReportTrial } from '../report/report.js';
import { compareStrategies, frontVolume, type StrategyRun } from './compare-strategies.js';
import { spreadOf } from './spread.js';

type Point = readonly [latencyMs: number, accuracy: number];

const EIGHT_MS = 10;
const costs = { energyMj: null, sizeBytes: 1000, effectiveBits: 4 };

const trial = (role: string, origin: string, [latencyMs, accuracy]: Point): ReportTrial => ({
  ...{ index: 0, role, origin, accuracy, calibratedLoss: 1 - accuracy, split: 'validation', latencyMs, ...costs },
  ...{ feasible: latencyMs <= 6, seconds: 1, policyHash: `${latencyMs}`, error: null },
});

const entry = (strategy: string, latencyMs: number | null, testAccuracy: number | null): ReportEntry => ({
  ...{ strategy, testAccuracy, validationAccuracy: testAccuracy, validationCalibratedLoss: null, latencyMs, ...costs },
  ...{ feasible: latencyMs !== null && latencyMs <= 6, policyHash: `${latencyMs}` },
});

/** A search under 60 % of the latency at 8 bits, with what a comparison looks at. */
function run(strategy: string, seed: number, proposed: readonly Point[], testAccuracy: number | null): StrategyRun {
  const [latencyMs] = proposed.at(-1) ?? [5];
  const report = {
    searchId: `${strategy}-${seed}`,
    result: entry(strategy, latencyMs, testAccuracy),
    strategyBest: testAccuracy === null ? null : entry(strategy, latencyMs, testAccuracy),
    baselines: [
      entry('float', null, 0.92),
      entry('uniform-8', EIGHT_MS, 0.91),
      entry('uniform-4', 5, 0.8 + seed / 100),
    ],
    constraints: [
      { metric: 'latency', budget: 'latency<=0.6x', limit: 6, reference: EIGHT_MS, smallest: 1, reached: 5 },
    ],
    trials: [
      { ...trial('baseline', 'float', [0, 0.9]), latencyMs: null },
      trial('baseline', 'uniform-8', [EIGHT_MS, 0.9]),
      ...proposed.map((point) => trial('strategy', `${strategy}/x`, point)),
    ],
    provenance: { seconds: 60 + seed },
  };
  return { strategy, seed, report: report as unknown as Report };
}

describe('strategies against each other', () => {
  const runs = [
    run(
      'haq',
      1,
      [
        [5, 0.86],
        [6, 0.88],
      ],
      0.88,
    ),
    run(
      'haq',
      2,
      [
        [4, 0.84],
        [6, 0.89],
      ],
      0.9,
    ),
    run('random', 1, [[6, 0.8]], 0.82),
    run('random', 2, [[6, 0.81]], null),
  ];

  it('stand best first, with the spread over seeds; a seed without a result does not count as one', () => {
    const { strategies, metric, relativeLimit } = compareStrategies(runs.toReversed());
    expect(strategies.map(({ strategy }) => strategy)).toEqual(['haq', 'random']);
    expect({ metric, relativeLimit }).toEqual({ metric: 'ms', relativeLimit: 0.6 });
    const [haq, random] = strategies;
    expect(haq?.testAccuracy?.mean).toBeCloseTo(0.89, 12);
    expect(haq?.testAccuracy?.deviation).toBeCloseTo(Math.SQRT1_2 * 0.02, 12);
    expect(haq).toMatchObject({ relativeCost: { mean: 0.6 }, evaluations: { mean: 2 }, seconds: { mean: 61.5 } });
    expect(random?.testAccuracy).toEqual({ mean: 0.82, deviation: 0, lowest: 0.82, highest: 0.82, runs: 1 });
    expect(random?.runs.map(({ testAccuracy }) => testAccuracy)).toEqual([null, 0.82]);
  });

  it('have one front over all seeds', () => {
    expect(compareStrategies(runs).strategies[0]?.front).toEqual([
      { relativeCost: 0.4, validationAccuracy: 0.84 },
      { relativeCost: 0.5, validationAccuracy: 0.86 },
      { relativeCost: 0.6, validationAccuracy: 0.89 },
    ]);
  });

  it('stand beside the controls, each once a seed', () => {
    const { controls } = compareStrategies(runs);
    expect(controls.map(({ control, relativeCost, feasible }) => [control, relativeCost, feasible])).toEqual([
      ['float', null, false],
      ['uniform-8', 1, false],
      ['uniform-4', 0.5, true],
    ]);
    expect(controls[2]?.testAccuracy).toMatchObject({ runs: 2, mean: expect.closeTo(0.815, 12) });
  });

  it('stand beside a control that only one of them brings', () => {
    const own = (seed: number): StrategyRun => {
      const one = run('auto', seed, [[5, 0.86]], 0.86);
      return {
        ...one,
        report: { ...one.report, baselines: [...one.report.baselines, entry('size-projection', 4, 0.8)] } as Report,
      };
    };
    const { controls } = compareStrategies([...runs, own(1), own(2)]);
    const found = controls.find(({ control }) => control === 'size-projection');
    expect(found).toMatchObject({ relativeCost: 0.4, feasible: true, testAccuracy: { runs: 2, mean: 0.8 } });
    expect(controls.find(({ control }) => control === 'uniform-4')?.testAccuracy?.runs).toBe(2);
  });

  it('fill a part of the box below float accuracy and 8-bit cost', () => {
    const report = run(
      'haq',
      1,
      [
        [5, 0.85],
        [8, 0.95],
      ],
      0.85,
    ).report;
    // Half of the height from 0.5 to 0.8 of the cost, all of it behind; no policy is better than float.
    expect(frontVolume(report)).toBeCloseTo(0.5 * 0.3 + 0.2, 12);
    expect(
      frontVolume(
        run(
          'haq',
          1,
          [
            [5, 0.7],
            [11, 0.9],
          ],
          0.7,
        ).report,
      ),
    ).toBe(0);
  });

  it('stand against the cost of 8 bits everywhere, not against a control that is narrower than its name', () => {
    const narrow = runs.map(({ report, ...others }) => {
      const baselines = report.baselines.map((control) =>
        control.strategy === 'uniform-8' ? { ...control, latencyMs: 5 } : control,
      );
      return { ...others, report: { ...report, baselines } };
    });
    const { strategies, controls, relativeLimit } = compareStrategies(narrow);
    expect(relativeLimit).toBe(0.6);
    expect(strategies[0]?.relativeCost?.mean).toBe(0.6);
    expect(controls.find(({ control }) => control === 'uniform-8')?.relativeCost).toBe(0.5);
  });

  it('without a budget stand against the bytes of 8 bits everywhere', () => {
    const free = runs.map(({ report, ...others }) => {
      const layers = [{ weights: 1500 }, { weights: 500 }] as unknown as Report['layers'];
      return { ...others, report: { ...report, constraints: [], layers } };
    });
    const { strategies, relativeLimit, metric } = compareStrategies(free);
    expect({ relativeLimit, metric }).toEqual({ relativeLimit: null, metric: 'kB' });
    expect(strategies[0]?.relativeCost?.mean).toBe(0.5);
  });

  it('under a limit on bit operations are compared by size beside reports that do not count them', () => {
    const limit = { metric: 'bops', limit: 5e6, reference: 1e7 };
    const [old, counted] = runs.map(({ report, ...others }, index) => {
      const result = { ...report.result, ...(index === 1 && { bops: 4e6 }) };
      const change = { result, constraints: [limit], layers: [{ weights: 2000 }] };
      return { ...others, report: { ...report, ...change } as unknown as Report };
    }) as [StrategyRun, StrategyRun];
    expect(compareStrategies([counted]).metric).toBe('million bit operations');
    for (const both of [
      [old, counted],
      [counted, old],
    ])
      expect(compareStrategies(both)).toMatchObject({ metric: 'kB', relativeLimit: null });
  });

  it('cannot be compared where 8 bits everywhere cost something else, or nothing was searched', () => {
    const other = run('haq', 1, [[5, 0.8]], 0.8);
    const constraints = other.report.constraints.map((limit) => ({ ...limit, reference: 20 }));
    const dearer = { ...other.report, constraints };
    expect(() => compareStrategies([...runs, { ...other, report: dearer }])).toThrow('different hardware or networks');
    expect(() => compareStrategies([])).toThrow('needs a finished search');
  });
});

it('the spread of nothing is not known', () => {
  expect(spreadOf([])).toBeUndefined();
});
