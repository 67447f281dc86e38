import type { Layer } from '@bitwright/core';
import {
  convolutionLayer,
  depthwiseLayer,
  describeAccelerator,
  fullyConnectedLayer,
} from '@bitwright/hardware-kit/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRoofline } from './model.js';
import type { RooflineProfile } from './profile.js';
import { roofline } from './profiles/roofline.js';

describeAccelerator(createRoofline(roofline));

/** 1 TOPS at 8/8 bits, 2 at 4/4, 1 GB/s, no launch. */
const unit: RooflineProfile = {
  ...roofline,
  peaks: [
    { weightBits: 4, activationBits: 4, teraOperationsPerSecond: 2 },
    { weightBits: 4, activationBits: 8, teraOperationsPerSecond: 1, executedWeightBits: 8 },
    { weightBits: 8, activationBits: 4, teraOperationsPerSecond: 1 },
    { weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 },
  ],
  ...{ dramGigabytesPerSecond: 1, launchMicrosecondsPerLayer: 0, staticMilliwatts: 0 },
};

const costOf = (profile: RooflineProfile, layer: Layer, weightBits: number, activationBits: number, batch = 1) =>
  createRoofline(profile).layerCost(layer, weightBits, activationBits, batch);

describe('the cost of a layer, by hand', () => {
  // 64 x 576 by 576 x 3136: 115.6 M MACs; 36,864 weights, 64 x 56 x 56 inputs and as many results.
  const dense = convolutionLayer({ inChannels: 64, outChannels: 64, size: 56, kernel: 3 });
  const macs = 64 * 576 * 3136;
  const bytes = 64 * 576 + 2 * 64 * 3136;

  it('is two operations a MAC at the peak of the pair, where that takes longer', () => {
    const fastMemory = { ...unit, dramGigabytesPerSecond: 1000 };
    expect(costOf(fastMemory, dense, 8, 8)).toMatchObject({ bound: 'compute', latencyMs: (2 * macs) / 1e9 });
    expect(costOf(fastMemory, dense, 4, 4).latencyMs).toBeCloseTo((2 * macs) / 2e9, 12);
  });

  it('is every tensor once at the bandwidth, where that takes longer', () => {
    expect(costOf(unit, dense, 8, 8)).toMatchObject({ bound: 'memory', latencyMs: bytes / 1e6, trafficBytes: bytes });
    // Results stay at 8 bits.
    expect(costOf(unit, dense, 4, 4).trafficBytes).toBe((64 * 576 + 64 * 3136) / 2 + 64 * 3136);
  });

  it('has a launch on top, and is bound by it where it takes longest', () => {
    const slow = costOf({ ...unit, launchMicrosecondsPerLayer: 900 }, dense, 8, 8);
    expect(slow).toMatchObject({ bound: 'overhead', overheadMs: 0.9, latencyMs: bytes / 1e6 + 0.9 });
  });

  it('reads weights once for a batch', () => {
    const layer = fullyConnectedLayer(1280, 1000);
    expect(costOf(unit, layer, 8, 8, 16).trafficBytes).toBe(1280 * 1000 + 16 * (1280 + 1000));
  });

  it('holds the energy of products, memory and static power', () => {
    const { energyMj = 0, latencyMs } = costOf({ ...unit, staticMilliwatts: 2000 }, dense, 8, 8);
    expect(energyMj).toBeCloseTo((macs * 0.3 + bytes * 8 * 8) / 1e9 + 2 * latencyMs, 9);
  });

  it('says which kernel really runs, and takes its energy', () => {
    const executed = { executedWeightBits: 8, executedActivationBits: 8 };
    expect(costOf(unit, dense, 4, 8)).toMatchObject(executed);
    const { energyMj = 0 } = costOf(unit, dense, 4, 8);
    const { energyMj: narrow = 0 } = costOf(unit, dense, 8, 4);
    expect(costOf(unit, dense, 8, 4)).toMatchObject({ executedWeightBits: 8, executedActivationBits: 4 });
    const multiply = (macs * 0.1) / 1e9;
    const movedMore = ((64 * 3136 - 64 * 576) * 4 * 8) / 1e9;
    expect(energyMj - narrow).toBeCloseTo(multiply + movedMore, 9);
  });
});

const layers = fc
  .record({
    channels: fc.integer({ min: 1, max: 512 }),
    size: fc.integer({ min: 1, max: 112 }),
    kernel: fc.constantFrom(1, 3, 5),
  })
  .chain(({ channels, size, kernel }) =>
    fc.constantFrom(
      convolutionLayer({ inChannels: channels, outChannels: channels + 3, size, kernel }),
      depthwiseLayer({ channels, size, kernel }),
      fullyConnectedLayer(channels, size),
    ),
  );

describe('any layer', () => {
  it('never gets cheaper with more bits or more images, and stays finite', () => {
    const bits = fc.constantFrom(4, 8);
    fc.assert(
      fc.property(layers, bits, bits, fc.integer({ min: 1, max: 64 }), (layer, weightBits, activationBits, batch) => {
        const here = costOf(roofline, layer, weightBits, activationBits, batch);
        const more = [
          costOf(roofline, layer, 8, activationBits, batch),
          costOf(roofline, layer, weightBits, 8, batch),
          costOf(roofline, layer, weightBits, activationBits, batch + 1),
        ];
        for (const cost of more) {
          expect(Number.isFinite(cost.latencyMs) && Number.isFinite(cost.energyMj)).toBe(true);
          expect(cost.latencyMs).toBeGreaterThanOrEqual(here.latencyMs);
          expect(cost.trafficBytes).toBeGreaterThanOrEqual(here.trafficBytes ?? 0);
          expect(cost.energyMj ?? 0).toBeGreaterThanOrEqual(here.energyMj ?? 0);
        }
      }),
    );
  });
});
