import {
  type CountedLayers,
  costOfPolicy,
  type Hardware,
  type HardwareFeedback,
  type HardwareOptions,
  type LayerCost,
  type PrecisionPolicy,
  uniformPolicy,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import type { Accelerator } from '../accelerator.js';
import { createLocalHardware } from '../local-hardware.js';
import { SAMPLE_LAYERS } from './sample-layers.js';

/** Relative slack for sums and products of floating point numbers. */
const ROUNDING = 1e-9;

/**
 * The contract that every accelerator meets, as a vitest suite; call it at the top of the model's test file. It looks
 * at the model alone (finite, growing with bits, deterministic, refusing) and behind core's Hardware port (sums,
 * batches, counted layers, cancellation).
 */
export function describeAccelerator(accelerator: Accelerator): void {
  describe(`the accelerator ${accelerator.capabilities.name}`, () => {
    describeCapabilities(accelerator);
    describeLayerCosts(accelerator);
    describeRefusals(accelerator);
    describeTotals(accelerator);
    describeBatches(accelerator);
  });
}

function describeCapabilities({ capabilities }: Accelerator): void {
  it('describes itself with a name, a version, ascending bits and a default batch that it can run', () => {
    expect(capabilities.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(capabilities.description.length).toBeGreaterThan(20);
    expect(capabilities.version).not.toBe('');
    for (const bits of [capabilities.weightBits, capabilities.activationBits]) {
      expect(bits.length).toBeGreaterThan(0);
      expect(bits).toEqual([...new Set(bits)].sort((left, right) => left - right));
    }
    expect(capabilities.defaultBatch).toBeGreaterThanOrEqual(1);
    expect(capabilities.defaultBatch).toBeLessThanOrEqual(capabilities.maximumBatch);
  });

  it('says how far it agrees with something published or measured, with finite errors', () => {
    for (const { source, metric, errorPercent } of capabilities.validation) {
      expect(source).not.toBe('');
      expect(metric).not.toBe('');
      expect(errorPercent).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(errorPercent)).toBe(true);
    }
  });
}

function describeLayerCosts(accelerator: Accelerator): void {
  it('gives finite and positive latency, traffic where it knows it, and energy exactly where it promises it', () => {
    const reportsEnergy = accelerator.capabilities.metrics.includes('energy');
    forEachCell(accelerator, (cost) => {
      expect(isPositive(cost.latencyMs)).toBe(true);
      expect(isPositive(cost.trafficBytes ?? 1)).toBe(true);
      expect(cost.energyMj !== undefined && isPositive(cost.energyMj)).toBe(reportsEnergy);
    });
  });

  it('splits the time into finite parts, where it knows them, none of which is longer than the whole', () => {
    forEachCell(accelerator, ({ latencyMs, computeMs, memoryMs, overheadMs }) => {
      for (const part of [computeMs, memoryMs, overheadMs].filter((known) => known !== undefined)) {
        expect(part).toBeGreaterThanOrEqual(0);
        expect(part).toBeLessThanOrEqual(latencyMs * (1 + ROUNDING));
      }
    });
  });

  it('executes at least the bits that were asked for', () => {
    forEachCell(accelerator, (cost, { weightBits, activationBits }) => {
      expect(cost.executedWeightBits).toBeGreaterThanOrEqual(weightBits);
      expect(cost.executedActivationBits).toBeGreaterThanOrEqual(activationBits);
    });
  });

  it('never costs less with more bits', () => {
    const { weightBits, activationBits } = accelerator.capabilities;
    forEachCell(accelerator, (cost, cell) => {
      const wider = weightBits[weightBits.indexOf(cell.weightBits) + 1];
      const deeper = activationBits[activationBits.indexOf(cell.activationBits) + 1];
      if (wider !== undefined) expectNotCheaper(cellCost(accelerator, { ...cell, weightBits: wider }), cost);
      if (deeper !== undefined) expectNotCheaper(cellCost(accelerator, { ...cell, activationBits: deeper }), cost);
    });
  });

  it('gives the same answer when it is asked again, and for a layer of another name and place', () => {
    forEachCell(accelerator, (cost, cell) => {
      const { weightBits, activationBits } = cell;
      const layer = { ...(SAMPLE_LAYERS[cell.layer] as (typeof SAMPLE_LAYERS)[number]), name: 'other', index: 99 };
      const batch = accelerator.capabilities.defaultBatch;
      expect(accelerator.layerCost(layer, weightBits, activationBits, batch)).toEqual(cost);
    });
  });
}

function describeRefusals(accelerator: Accelerator): void {
  const { weightBits, activationBits, defaultBatch } = accelerator.capabilities;
  const layer = SAMPLE_LAYERS[2] as (typeof SAMPLE_LAYERS)[number];

  it.each([0, -1, 2.5, Number.NaN, 32])('refuses %s bits as unsupported', (bits) => {
    const [weight = 8] = weightBits;
    const [activation = 8] = activationBits;
    expect(kindOf(() => accelerator.layerCost(layer, bits, activation, defaultBatch))).toBe('unsupported');
    expect(kindOf(() => accelerator.layerCost(layer, weight, bits, defaultBatch))).toBe('unsupported');
  });

  it('refuses a policy in floating point as unsupported and one of another length as an invalid argument', async () => {
    const hardware = createLocalHardware(accelerator);
    await expect(evaluateOne(hardware, uniformPolicy(SAMPLE_LAYERS.length, 32))).rejects.toMatchObject({
      kind: 'unsupported',
    });
    const short = uniformPolicy(SAMPLE_LAYERS.length - 1, weightBits[0] as number, activationBits[0]);
    await expect(evaluateOne(hardware, short)).rejects.toMatchObject({ kind: 'invalid_argument' });
  });

  it('stops with cancelled when the caller gives up', async () => {
    const hardware = createLocalHardware(accelerator);
    const options = { signal: AbortSignal.abort() };
    await expect(hardware.describe(options.signal)).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(hardware.tabulate(SAMPLE_LAYERS, options)).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(evaluateOne(hardware, widestPolicy(accelerator), options)).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
}

function describeTotals(accelerator: Accelerator): void {
  it.each<CountedLayers>(['all', 'without-first-and-last'])('sums over the counted layers: %s', async (counted) => {
    const hardware = createLocalHardware(accelerator);
    const feedback = await evaluateOne(hardware, widestPolicy(accelerator), { counted });
    const flags = SAMPLE_LAYERS.map((_, index) => counted === 'all' || (index > 0 && index < SAMPLE_LAYERS.length - 1));
    expect(feedback.counted).toEqual(flags);
    const included = feedback.layers.filter((_, index) => flags[index]);
    expect(feedback.latencyMs).toBeCloseTo(sum(included.map((layer) => layer.latencyMs)), 9);
    const traffic = included.map((layer) => layer.trafficBytes).filter((known) => known !== undefined);
    if (traffic.length < included.length) expect(feedback.trafficBytes).toBeUndefined();
    else expect(feedback.trafficBytes).toBeCloseTo(sum(traffic), 6);
  });

  it('evaluates a policy to what its cost table gives', async () => {
    const hardware = createLocalHardware(accelerator);
    const table = await hardware.tabulate(SAMPLE_LAYERS);
    for (const policy of [narrowestPolicy(accelerator), widestPolicy(accelerator)]) {
      const feedback = await evaluateOne(hardware, policy);
      const cost = costOfPolicy(SAMPLE_LAYERS, table, policy);
      expect(feedback.latencyMs).toBe(cost.latencyMs);
      expect(feedback.energyMj).toBe(cost.energyMj);
    }
  });
}

function describeBatches(accelerator: Accelerator): void {
  const { defaultBatch, maximumBatch } = accelerator.capabilities;

  it('uses its default batch unless a request says otherwise, and gives figures per image', async () => {
    const hardware = createLocalHardware(accelerator);
    const feedback = await evaluateOne(hardware, widestPolicy(accelerator));
    expect(feedback.batch).toBe(defaultBatch);
    expect(feedback.latencyPerImageMs).toBeCloseTo(feedback.latencyMs / defaultBatch, 12);
    expect((await hardware.tabulate(SAMPLE_LAYERS, { batch: 1 })).batch).toBe(1);
  });

  it('never costs less for more images', () => {
    const [least, most] = [1, Math.min(2, maximumBatch)];
    const widest = {
      weightBits: accelerator.capabilities.weightBits.at(-1),
      activationBits: accelerator.capabilities.activationBits.at(-1),
    };
    for (const layer of SAMPLE_LAYERS) {
      const cost = (batch: number) =>
        accelerator.layerCost(layer, widest.weightBits as number, widest.activationBits as number, batch);
      expectNotCheaper(cost(most), cost(least));
    }
  });

  it.each([0, -1, 1.5, Number.NaN, maximumBatch + 1])('refuses a batch of %s as an invalid argument', async (batch) => {
    const hardware = createLocalHardware(accelerator);
    await expect(hardware.tabulate(SAMPLE_LAYERS, { batch })).rejects.toMatchObject({ kind: 'invalid_argument' });
  });
}

type Cell = { readonly layer: number; readonly weightBits: number; readonly activationBits: number };

function forEachCell(accelerator: Accelerator, check: (cost: LayerCost, cell: Cell) => void): void {
  SAMPLE_LAYERS.forEach((_, layer) => {
    for (const weightBits of accelerator.capabilities.weightBits) {
      for (const activationBits of accelerator.capabilities.activationBits) {
        const cell = { layer, weightBits, activationBits };
        check(cellCost(accelerator, cell), cell);
      }
    }
  });
}

function cellCost(accelerator: Accelerator, { layer, weightBits, activationBits }: Cell): LayerCost {
  const shape = SAMPLE_LAYERS[layer] as (typeof SAMPLE_LAYERS)[number];
  return accelerator.layerCost(shape, weightBits, activationBits, accelerator.capabilities.defaultBatch);
}

function expectNotCheaper(more: LayerCost, less: LayerCost): void {
  expect(more.latencyMs).toBeGreaterThanOrEqual(less.latencyMs);
  expect(more.trafficBytes ?? 0).toBeGreaterThanOrEqual(less.trafficBytes ?? 0);
  expect(more.energyMj ?? 0).toBeGreaterThanOrEqual(less.energyMj ?? 0);
}

function widestPolicy({ capabilities }: Accelerator): PrecisionPolicy {
  return uniformPolicy(
    SAMPLE_LAYERS.length,
    capabilities.weightBits.at(-1) as number,
    capabilities.activationBits.at(-1),
  );
}

function narrowestPolicy({ capabilities }: Accelerator): PrecisionPolicy {
  return uniformPolicy(SAMPLE_LAYERS.length, capabilities.weightBits[0] as number, capabilities.activationBits[0]);
}

async function evaluateOne(
  hardware: Hardware,
  policy: PrecisionPolicy,
  options?: HardwareOptions,
): Promise<HardwareFeedback> {
  for await (const feedback of hardware.evaluate(SAMPLE_LAYERS, [policy], options)) return feedback;
  throw new Error('the hardware gave no feedback for the policy');
}

function kindOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as { kind?: string }).kind ?? 'not a BitwrightError';
  }
  return 'nothing was thrown';
}

const isPositive = (value: number) => Number.isFinite(value) && value > 0;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
