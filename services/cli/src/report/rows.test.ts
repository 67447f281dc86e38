import type { Report } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { factCards } from './html/fact-cards.js';
import { toPolicyFile } from './policy-file.js';
import { resultRows } from './rows.js';
import { sampleReport } from './sample-report.test-support.js';
import { latencyRatio } from './targets.js';

describe('the rows of the result', () => {
  it('are the controls from most to fewest bits, then what was found', () => {
    const labels = resultRows(sampleReport()).map(({ label }) => label);
    expect(labels).toEqual(['float', 'uniform 8 bit', 'uniform 6 bit', 'uniform 4 bit', 'found (haq)']);
  });

  it("show the strategy's own best apart when something else is the result", () => {
    const report = sampleReport();
    const own = { ...report.result, policyHash: 'own', testAccuracy: 0.9 };
    const rows = resultRows({ ...report, result: { ...report.result, strategy: 'uniform-5' }, strategyBest: own });
    expect(rows.slice(-2).map(({ label }) => label)).toEqual(["haq's own best", 'found (uniform-5)']);
    expect(rows.at(-1)?.isResult).toBe(true);
  });

  it('mark the uniform policy with the most bits that fit, when there is a budget', () => {
    const marked = (report = sampleReport()) => resultRows(report).filter(({ isWidest }) => isWidest);
    expect(marked().map(({ label }) => label)).toEqual(['uniform 4 bit']);
    expect(marked({ ...sampleReport(), constraints: [] })).toEqual([]);
  });

  it('compare latencies with 8 bits everywhere', () => {
    const report = sampleReport();
    const [float, , six] = resultRows(report).map(({ entry }) => latencyRatio(report, entry, 'bismo-edge'));
    expect(float).toBeUndefined();
    expect(six).toBeCloseTo(0.158 / 0.21);
  });

  it('compare with what 8 bits cost, not with a control that is narrower than its name', () => {
    const sample = sampleReport();
    const baselines = sample.baselines.map((entry) =>
      entry.strategy === 'uniform-8' ? { ...entry, latencyMs: 0.112, sizeBytes: 1 } : entry,
    );
    const report = { ...sample, baselines };
    const ratio = (change: Partial<Report>) => latencyRatio({ ...report, ...change }, report.result, 'bismo-edge');
    const reached = report.result.latencyMs ?? 0;
    expect(ratio({})).toBeCloseTo(reached / 0.21);
    const reference = { latencyMs: 0.42, energyMj: null, sizeBytes: 1 };
    expect(ratio({ constraints: [], reference })).toBeCloseTo(reached / 0.42);
    expect(ratio({ constraints: [] })).toBeUndefined();
    const weights = report.layers.reduce((sum, layer) => sum + layer.weights, 0);
    const ofSize = `weights, ${(report.result.sizeBytes / weights).toFixed(2)}x of 8 bit`;
    expect(factCards(report)).toContain(ofSize);
    expect(factCards({ ...report, constraints: [] })).toContain('<span>latency</span>');
  });
});

describe('policy.json', () => {
  it('names the model, the hardware and the bits of each layer', () => {
    const report = sampleReport();
    const file = toPolicyFile(report);
    expect(file).toMatchObject({ schema: 'bitwright.policy/1', hardware: 'bismo-edge', weightQuantizer: 'linear' });
    expect(file.layers).toHaveLength(report.layers.length);
    expect(file.layers[0]).toEqual({ index: 0, name: 'stem', kind: 'convolution', weightBits: 8, activationBits: 8 });
  });
});
