import { type CostTable, deriveLayers, type LayerCost } from '@bitwright/core';
import { findHardwarePreset, parseStrategyLog } from '@bitwright/hago';
import { describe, expect, it } from 'vitest';
import { createToyDataset, TOY_PREPROCESSING } from '../evaluation/toy-task.test-support.js';
import { finish } from '../work.js';
import { bestStrategy, type EdgeSearchOptions, integerTask, searchEdgeBits } from './search-edge-bits.js';
import { CLASSES, convolution, createModel, GLOBAL_POOL, RELU } from './small-networks.test-support.js';

const data = createToyDataset();
const model = createModel([
  ['stem', convolution(32), 'input'],
  ['stem.relu', RELU, 'stem'],
  ['middle', convolution(32), 'stem.relu'],
  ['middle.relu', RELU, 'middle'],
  ['end', convolution(8), 'middle.relu'],
  ['pool', GLOBAL_POOL, 'end'],
  ['classes', CLASSES, 'pool'],
]);
const specification = findHardwarePreset('int8-accelerator-int16');
const task = integerTask(model, specification);

const OPTIONS: EdgeSearchOptions = {
  ...{ specification, search: 'random', objective: 'divergence', thresholds: { kind: 'average-range' } },
  ...{ powerOfTwo: false, calibrationSamples: 64, scoredSamples: 50, maxTrials: 40, seed: 1, floatLayers: 0 },
  fitsAccumulators: true,
};

const search = (changes: Partial<EdgeSearchOptions>) =>
  finish(searchEdgeBits(task, data, TOY_PREPROCESSING, { ...OPTIONS, ...changes }));

/** Latency that grows with both widths of layers between others, most of all at 8 bits of both, whose sums do not fit. */
function latencyTable(): CostTable {
  const widths = [4, 5, 6, 7, 8, 32];
  const cell = (latencyMs: number): LayerCost => ({
    ...{ latencyMs, energyMj: undefined, trafficBytes: undefined, bound: undefined, computeMs: undefined },
    ...{ memoryMs: undefined, overheadMs: undefined, executedWeightBits: 8, executedActivationBits: 8 },
  });
  const layers = deriveLayers(model.network);
  const row = (weight: number) => widths.map((bits) => cell(weight >= 8 && bits >= 8 ? 10_000 : weight * bits));
  return {
    ...{ hardware: 'made-up', batch: 1, weightBits: widths, activationBits: widths, provenance: 'table' },
    ...{
      cells: layers.map(() => widths.map(row)),
      counted: layers.map(({ name }) => name === 'middle' || name === 'end'),
    },
  };
}

describe('a search over edge bits', () => {
  it('takes latency relative to that at the most bits, whether their sums fit or not, as a replay of its log does', () => {
    const latency = { table: latencyTable(), weight: 1 };
    const { best, records } = search({ latency });
    expect(records.length).toBeGreaterThan(3);
    expect(bestStrategy(task, records, { ...OPTIONS, latency })).toEqual(best);
  });

  it('logs each trial when it is measured, as a line of the log that a replay reads', () => {
    const lines: string[] = [];
    const work = searchEdgeBits(task, data, TOY_PREPROCESSING, OPTIONS);
    let step = work.next();
    for (; step.done !== true; step = work.next()) lines.push(...(step.value.logLines ?? []));
    expect(lines.length).toBeGreaterThan(3);
    expect(parseStrategyLog(lines.join('\n'), 'log')).toEqual(step.value.records);
  });

  it.each([1, 3, 7])('measures no more assignments than it may, also of those it tries at once: %i', (maxTrials) => {
    expect(search({ search: 'batched-greedy', maxTrials }).records).toHaveLength(maxTrials);
  });
});
