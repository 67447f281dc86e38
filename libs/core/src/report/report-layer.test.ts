import { describe, expect, it } from 'vitest';
import type { CostTable, LayerCost } from '../cost/cost-table.js';
import { costOfPolicy } from '../cost/policy-cost.js';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import { type PrecisionPolicy, uniformPolicy } from '../policy/policy.js';
import type { ReportLayer } from './report.js';
import { reportLayers } from './report-layer.js';

const BITS = [2, 4, 8];

/** A millisecond for each product of bits. */
function cell(weightBits: number, activationBits: number): LayerCost {
  const latencyMs = weightBits * activationBits;
  return {
    ...{ latencyMs, energyMj: latencyMs / 10, trafficBytes: 64, bound: 'compute', computeMs: latencyMs },
    ...{ memoryMs: 0, overheadMs: 0, executedWeightBits: weightBits, executedActivationBits: activationBits },
  };
}

const table: CostTable = {
  ...{ hardware: 'toy', batch: 1, weightBits: BITS, activationBits: BITS, provenance: 'table' },
  counted: SMALL_LAYERS.map((_, index) => index !== 0),
  cells: SMALL_LAYERS.map(() => BITS.map((weight) => BITS.map((activation) => cell(weight, activation)))),
};

const plain = uniformPolicy(SMALL_LAYERS.length, 4, 8);
const layerPoints = SMALL_LAYERS.map(({ outChannels }) => 3 * outChannels);
const pointed: PrecisionPolicy = { ...plain, weightQuantizer: 'multipoint', layerPoints };
const allocated: PrecisionPolicy = {
  ...{ ...plain, weightQuantizer: 'multipoint' },
  points: { rule: 'size-ratio', limit: 2, maximumPoints: 4 },
};

const reported = (policy: PrecisionPolicy) => reportLayers([table], SMALL_LAYERS, policy);
const sum = (layers: readonly ReportLayer[], figure: (layer: ReportLayer) => number | null) =>
  layers.reduce((total, layer) => total + (layer.counted ? (figure(layer) ?? 0) : 0), 0);

describe('the layers of a report', () => {
  it.each([
    ['plain', plain],
    ['multipoint', pointed],
    ['multipoint before its points are known', allocated],
  ])('add up to what the policy costs: %s', (_, policy) => {
    const cost = costOfPolicy(SMALL_LAYERS, table, policy);
    const layers = reported(policy);
    expect(sum(layers, ({ latencyMs }) => latencyMs)).toBeCloseTo(cost.latencyMs ?? 0, 9);
    expect(sum(layers, ({ energyMj }) => energyMj)).toBeCloseTo(cost.energyMj ?? 0, 9);
    expect(layers.reduce((total, { sizeBytes }) => total + sizeBytes, 0)).toBeCloseTo(cost.sizeBytes, 6);
  });

  it('of three points a channel take three times the time and save three times as much, against the same 8 bits', () => {
    const [one, three] = [reported(plain)[1], reported(pointed)[1]];
    expect(one).toMatchObject({ latencyMs: 32, latencyMsAt8Bits: 64, latencyMsPerWeightBit: 8, trafficBytes: 64 });
    expect(three).toMatchObject({ latencyMs: 96, latencyMsAt8Bits: 64, latencyMsPerWeightBit: 24, trafficBytes: 192 });
    expect(three?.energyMjPerActivationBit).toBeCloseTo(3 * (one?.energyMjPerActivationBit ?? 0), 12);
    expect(three?.operationsPerByte).toBe(one?.operationsPerByte);
  });
});
