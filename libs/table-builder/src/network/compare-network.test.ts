import { deriveLayers, type Network } from '@bitwright/core';
import { type LookupTable, toLookupTable } from '@bitwright/cost-tables';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { createBitProductAccelerator } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import type { Runner } from '../runner.js';
import { createHardwareRunner } from '../runners/hardware-runner.js';
import { type CompareNetworkOptions, compareNetwork } from './compare-network.js';

const shape = (channels: number) => ({ height: 8, width: 8, channels });
const convolution = (outChannels: number) => ({
  ...{ kind: 'convolution', outChannels, kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1 },
  ...{ padding: { top: 1, left: 1, bottom: 1, right: 1 }, groups: 1, bias: true },
});
const NETWORK = {
  ...{ name: 'two', input: shape(3), classes: 8 },
  nodes: [
    { id: 'input', operation: { kind: 'input' }, inputs: [], output: shape(3) },
    { id: 'first', operation: convolution(16), inputs: ['input'], output: shape(16) },
    { id: 'second', operation: convolution(8), inputs: ['first'], output: shape(8) },
  ],
} as Network;
const LAYERS = deriveLayers(NETWORK);

const accelerator = createBitProductAccelerator();
const hardware = createLocalHardware(accelerator);
const exact = createHardwareRunner({ hardware, name: 'here', device: {}, timeoutMs: 10_000 });
const table = toLookupTable(await hardware.tabulate(LAYERS), LAYERS, accelerator.capabilities);

/** The same hardware, whose whole networks take other times than their layers. */
const changed = (timeOf: (latencyMs: number, index: number) => number): Runner => {
  let count = 0;
  return {
    ...exact,
    measureNetwork: async (...request) => {
      const answer = await exact.measureNetwork(...request);
      if (answer.outcome !== 'measured') return answer;
      return { ...answer, samplesMs: answer.samplesMs.map((latencyMs) => timeOf(latencyMs, count++)) };
    },
  };
};

const compare = (runner: Runner, change: Partial<CompareNetworkOptions> = {}) =>
  compareNetwork({
    ...{ table, network: NETWORK, networkName: 'two', runner, batch: 1, policies: 30, repeats: 1, warmUp: 0, seed: 1 },
    fitConversions: false,
    ...{ signal: new AbortController().signal, ...change },
  });

describe('sums over a table against whole networks', () => {
  it('agree where the hardware adds up', async () => {
    const { comparison, points } = await compare(exact);
    expect(comparison).toMatchObject({ network: 'two', runner: 'here', policies: 30, meanAbsoluteErrorPercent: 0 });
    expect(comparison.rankCorrelation).toBeCloseTo(1, 12);
    expect(new Set(points.map(({ sumMs }) => sumMs)).size).toBeGreaterThan(10);
  });

  it('are too slow or too fast by the error, and keep the order', async () => {
    const { comparison } = await compare(changed((latencyMs) => latencyMs * 0.8));
    expect(comparison.meanAbsoluteErrorPercent).toBeCloseTo(25, 9);
    expect(comparison.biasPercent).toBeCloseTo(25, 9);
    expect(comparison.rankCorrelation).toBeCloseTo(1, 12);
  });

  it('are told apart where errors cancel each other and the order is another', async () => {
    const { comparison } = await compare(changed((latencyMs, index) => latencyMs * (index % 2 === 0 ? 2 : 2 / 3)));
    expect(comparison.meanAbsoluteErrorPercent).toBeCloseTo(50, 9);
    expect(Math.abs(comparison.biasPercent)).toBeLessThan(1e-9);
    expect(comparison.rankCorrelation).toBeLessThan(0.9);
  });

  it('are medians of several samples, the first not among them', async () => {
    const { comparison } = await compare(
      changed((latencyMs, index) => latencyMs * [100, 1, 1, 7][index % 4]!),
      { repeats: 3, warmUp: 1 },
    );
    expect(comparison.meanAbsoluteErrorPercent).toBeCloseTo(0, 9);
  });

  it('are one thing, with conversions another, where what lies between layers takes its time', async () => {
    const slower = changed((latencyMs) => latencyMs + 3);
    const { comparison, conversions } = await compare(slower, { fitConversions: true });
    expect(comparison.biasPercent).toBeLessThan(-5);
    expect(comparison.withConversions?.meanAbsoluteErrorPercent).toBeLessThan(1e-6);
    expect(conversions?.constantMs).toBeCloseTo(3, 5);
    const corrected = await compare(slower, {
      table: { ...table, conversions: conversions as NonNullable<typeof conversions> },
      seed: 2,
    });
    expect(corrected.comparison.meanAbsoluteErrorPercent).toBeLessThan(1e-6);
    expect(corrected.comparison.withConversions).toBeUndefined();
  });

  it('have no order where every policy takes as long', async () => {
    const { comparison } = await compare(changed(() => 5));
    expect(comparison.rankCorrelation).toBeUndefined();
  });

  it('are refused where the table lacks a layer or the batch, naming it', async () => {
    const partial: LookupTable = { ...table, layers: table.layers.slice(1) };
    await expect(compare(exact, { table: partial })).rejects.toThrow('has no costs of first (convolution 3 to 16');
    await expect(compare(exact, { batch: 4 })).rejects.toMatchObject({ kind: 'invalid_argument' });
  });

  it('cannot be had of a runner that knows only layers, and nobody waits long to hear it', async () => {
    let asked = 0;
    const runner: Runner = {
      ...exact,
      measureNetwork: async () => {
        asked += 1;
        return { outcome: 'failed', reason: 'KeyError: kind' };
      },
    };
    await expect(compare(runner)).rejects.toMatchObject({
      ...{ reason: 'NETWORK_NOT_MEASURED', message: expect.stringContaining('KeyError: kind') },
    });
    expect(asked).toBe(1);
  });
});
