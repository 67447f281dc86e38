import { describe, expect, it } from 'vitest';
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
