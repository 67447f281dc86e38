import {
  type BitfusionProfile,
  bitfusionEightByEight,
  bitfusionLayerActivity,
  createBitfusion,
  selectAccelerators,
} from '@bitwright/accelerators';
import type { Layer } from '@bitwright/core';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { beforeAll, describe, expect, it } from 'vitest';
import { publishedLayers } from './bismo-validation.js';
import { largestErrorPercent, uniformCost, type ValidationRow, validateBitfusion } from './bitfusion-validation.js';

const mobilenetV1 = publishedLayers('mobilenet-v1');
const ofKind = (kind: Layer['kind']) => mobilenetV1.filter((layer) => layer.kind === kind);
const [bitfusion] = selectAccelerators(['bitfusion']);

describe('BitFusion against the HAQ paper', () => {
  let rows: readonly ValidationRow[];
  beforeAll(async () => {
    rows = await validateBitfusion();
  });

  it('comes within 0.5 % of both published latencies and within 8 % of both energies', () => {
    expect(rows.map(({ weightBits, activationBits }) => [weightBits, activationBits])).toEqual([
      [4, 4],
      [8, 8],
    ]);
    for (const { latencyErrorPercent, energyErrorPercent, weightBits } of rows) {
      expect(Math.abs(latencyErrorPercent), `latency at ${weightBits} bit`).toBeLessThan(0.5);
      expect(Math.abs(energyErrorPercent), `energy at ${weightBits} bit`).toBeLessThan(8);
    }
  });

  it('publishes its largest errors', () => {
    const measured = [
      { metric: 'latency', errorPercent: largestErrorPercent(rows, 'latencyErrorPercent') },
      { metric: 'energy', errorPercent: largestErrorPercent(rows, 'energyErrorPercent') },
    ];
    const published = bitfusion?.capabilities.validation.map(({ metric, errorPercent }) => ({ metric, errorPercent }));
    expect(published).toEqual(measured);
  });

  it('has the static power that makes the larger of both energy errors least, to 10 mW', async () => {
    const largestAt = async (staticMilliwatts: number) =>
      largestErrorPercent(
        await validateBitfusion({ ...bitfusionEightByEight, staticMilliwatts }),
        'energyErrorPercent',
      );
    const fitted = await largestAt(bitfusionEightByEight.staticMilliwatts);
    expect(fitted).toBeLessThan(await largestAt(bitfusionEightByEight.staticMilliwatts - 10));
    expect(fitted).toBeLessThan(await largestAt(bitfusionEightByEight.staticMilliwatts + 10));
  });

  it('is too fast by more than 2 % with depthwise layers that read one plane, which is why they read their own', async () => {
    for (const { latencyErrorPercent } of await validateBitfusion({
      ...bitfusionEightByEight,
      depthwiseLowering: 'shared-plane',
    })) {
      expect(latencyErrorPercent).toBeLessThan(-2);
    }
  });
});

describe('the objective of the search', () => {
  const totals = (profile: BitfusionProfile) => {
    const activities = mobilenetV1.map((layer) => bitfusionLayerActivity(profile, layer, 8, 8, 1));
    const sum = (key: 'cycles' | 'memoryCycles') => activities.reduce((total, activity) => total + activity[key], 0);
    return { cycles: sum('cycles'), memoryCycles: sum('memoryCycles') };
  };

  it('is energy times delay, because latency alone buys 0.4 % of the time with 1.7 times the traffic', () => {
    const balanced = totals(bitfusionEightByEight);
    const fastest = totals({ ...bitfusionEightByEight, objective: 'latency' });
    expect(bitfusionEightByEight.objective).toBe('energy-delay');
    expect(balanced.cycles / fastest.cycles).toBeCloseTo(1.004, 3);
    expect(fastest.memoryCycles / balanced.memoryCycles).toBeCloseTo(1.7, 1);
  });
});

describe('what the documentation says of MobileNetV1', () => {
  it('holds for the shares of static power and for the steps of 6 to 8 bits', async () => {
    const table = await createLocalHardware(createBitfusion(bitfusionEightByEight)).tabulate(mobilenetV1);
    const [four, six, eight] = [4, 6, 8].map((bits) => uniformCost(mobilenetV1, table, bits));
    const share = (cost: typeof four) => (1.07 * (cost?.latencyMs as number)) / (cost?.energyMj as number);
    expect([share(four), share(eight)].map((part) => part.toFixed(2))).toEqual(['0.59', '0.75']);
    expect((eight?.latencyMs as number) / (six?.latencyMs as number)).toBeLessThan(1.02);
    expect((six?.latencyMs as number) / (four?.latencyMs as number)).toBeGreaterThan(2);
  });

  it('holds for what layers are bound by: depthwise by memory, pointwise but the first by the array', () => {
    const bound = (layer: Layer) => bitfusion?.layerCost(layer, 8, 8, 1).bound;
    expect(ofKind('depthwise')).toHaveLength(13);
    expect(ofKind('depthwise').every((layer) => bound(layer) === 'memory')).toBe(true);
    expect(ofKind('pointwise').filter((layer) => bound(layer) === 'compute')).toHaveLength(12);
  });

  it('holds for batches: 20.06, 19.87 and 19.84 ms an image at 1, 4 and 16 images and 8 bits', async () => {
    const hardware = createLocalHardware(createBitfusion(bitfusionEightByEight));
    const perImage = await Promise.all(
      [1, 4, 16].map(
        async (batch) => uniformCost(mobilenetV1, await hardware.tabulate(mobilenetV1, { batch }), 8).latencyMs / batch,
      ),
    );
    expect(perImage.map((latencyMs) => latencyMs.toFixed(2))).toEqual(['20.06', '19.87', '19.84']);
  });
});
