import type { Layer } from '@bitwright/core';
import {
  convolutionLayer,
  depthwiseLayer,
  describeAccelerator,
  fullyConnectedLayer,
} from '@bitwright/hardware-kit/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peakMacsPerCycle, systolicLayerActivity } from './layer-activity.js';
import { type MacRate, macMode } from './mac-rate.js';
import { createSystolic } from './model.js';
import type { Dataflow, GroupedLowering, SystolicProfile } from './profile.js';
import { microcontroller } from './profiles/microcontroller.js';
import { npuInt8Int4 } from './profiles/npu-int8-int4.js';
import { tpu128x128 } from './profiles/tpu-128x128.js';
import { SMALL_ARRAY, SMALL_LAYER } from './small-array.test-support.js';

const DATAFLOWS: readonly Dataflow[] = ['output_stationary', 'weight_stationary', 'input_stationary'];
const LOWERINGS: readonly GroupedLowering[] = ['per_channel', 'block_diagonal'];
const RATES: readonly MacRate[] = [
  { kind: 'fixed' },
  { kind: 'bit_serial' },
  { kind: 'fused' },
  { kind: 'simd', registerBits: 32 },
];

for (const profile of [npuInt8Int4, microcontroller, tpu128x128]) describeAccelerator(createSystolic(profile));
for (const dataflow of DATAFLOWS) {
  for (const groupedLowering of LOWERINGS) {
    const name = `small-${dataflow}-${groupedLowering}`.replaceAll('_', '-');
    describeAccelerator(createSystolic({ ...SMALL_ARRAY, name, dataflow, groupedLowering }));
  }
}

const activityOf = (change: Partial<SystolicProfile>, layer: Layer, weightBits = 8, activationBits = 8, batch = 1) =>
  systolicLayerActivity({ ...SMALL_ARRAY, ...change }, layer, { weightBits, activationBits }, batch);

describe('the cycles of a layer, by hand: (2R + C + T - 2) for each tile of 4 x 8', () => {
  it.each([
    // M = 10 in 3 rows of tiles, P = 25 in 4 columns, K = 12 steps.
    ['output_stationary', 3 * 4 * (8 + 8 + 12 - 2)],
    // K = 12 in 3, M = 10 in 2, P = 25 steps.
    ['weight_stationary', 3 * 2 * (8 + 8 + 25 - 2)],
    // K = 12 in 3, P = 25 in 4, M = 10 steps.
    ['input_stationary', 3 * 4 * (8 + 8 + 10 - 2)],
  ] as const)('%s', (dataflow, cycles) => {
    expect(activityOf({ dataflow, macRate: { kind: 'fixed' } }, SMALL_LAYER).computeCycles).toBe(cycles);
  });

  it.each([
    ['output_stationary', 3 * 4 * (8 + 8 + 6 - 2)],
    ['weight_stationary', 2 * 2 * (8 + 8 + 25 - 2)],
    ['input_stationary', 2 * 4 * (8 + 8 + 10 - 2)],
  ] as const)('%s, with two lanes that halve the depth', (dataflow, cycles) => {
    const macRate = { kind: 'simd', registerBits: 8 } as const;
    expect(activityOf({ dataflow, macRate }, SMALL_LAYER, 4, 4).computeCycles).toBe(cycles);
  });

  it('takes w x a cycles for every step of a bit-serial array', () => {
    expect(activityOf({}, SMALL_LAYER, 3, 5).computeCycles).toBe(3 * 4 * (8 + 8 + 12 * 15 - 2));
  });

  it('repeats a convolution for every image, and takes a fully connected layer at once', () => {
    expect(activityOf({}, SMALL_LAYER, 8, 8, 3).computeCycles).toBe(3 * activityOf({}, SMALL_LAYER).computeCycles);
    const layer = fullyConnectedLayer(12, 10);
    expect(activityOf({}, layer, 8, 8, 8).computeCycles).toBe(activityOf({}, layer).computeCycles);
  });

  it('has the peak of its array at every pair of bits', () => {
    const peak = (profile: SystolicProfile, bits: number) => peakMacsPerCycle(profile, macMode(profile, bits, bits));
    expect([8, 4].map((bits) => peak(npuInt8Int4, bits))).toEqual([1024, 2048]);
    expect([8, 4, 2].map((bits) => peak(microcontroller, bits))).toEqual([4, 8, 16]);
    expect(peak(tpu128x128, 8)).toBe(128 * 128);
  });
});

describe('the lowering of depthwise layers', () => {
  const layer = depthwiseLayer({ channels: 10, size: 4 });
  const macRate = { kind: 'fixed' } as const;
  const cycles = (change: Partial<SystolicProfile>) => activityOf({ macRate, ...change }, layer).computeCycles;

  it('takes the array for each channel alone, by hand', () => {
    expect(cycles({})).toBe(10 * 2 * (8 + 8 + 9 - 2));
    expect(cycles({ dataflow: 'weight_stationary', arrayRows: 32 })).toBe(10 * (64 + 8 + 16 - 2));
  });

  it('or packs as many channels as rows and depth hold, by hand', () => {
    const groupedLowering = 'block_diagonal';
    // Four channels in four rows, three times; the depth of all four passes in time.
    expect(cycles({ groupedLowering })).toBe(3 * 2 * (8 + 8 + 36 - 2));
    // 32 rows hold the depth of three channels, in eight columns.
    const weights = { groupedLowering, dataflow: 'weight_stationary', arrayRows: 32 } as const;
    expect(cycles(weights)).toBe(4 * (64 + 8 + 16 - 2));
    // The same with inputs stationary, in two columns of tiles; three weight rows pass in time.
    expect(cycles({ ...weights, dataflow: 'input_stationary' })).toBe(4 * 2 * (64 + 8 + 3 - 2));
  });

  it('is named in the description', () => {
    for (const groupedLowering of LOWERINGS) {
      const { capabilities } = createSystolic({ ...SMALL_ARRAY, groupedLowering });
      expect(capabilities.description).toContain(`lowered as ${groupedLowering}`);
    }
  });
});

describe('the time of a layer, by hand', () => {
  it.each([
    // Before: 4 weights and 8 activations of 8 bits at 32 bits a cycle; after: 32 results.
    ['output_stationary', 312, 3, 8],
    // Before: 32 weights and 4 activations; after: 8 results.
    ['weight_stationary', 234, 9, 2],
    ['input_stationary', 288, 9, 2],
  ] as const)(
    'is first fill, computation and last drain where memory keeps up: %s',
    (dataflow, compute, fill, drain) => {
      const activity = activityOf({ dataflow, macRate: { kind: 'fixed' } }, SMALL_LAYER);
      expect(activity).toMatchObject({ computeCycles: compute, fillCycles: fill, drainCycles: drain, dramCycles: 168 });
      expect(activity.cycles).toBe(compute + fill + drain);
      expect(activity.utilization).toBeCloseTo(3000 / (32 * activity.cycles), 12);
    },
  );

  it('is that of memory alone where it is slower, fill and drain not counted twice', () => {
    const activity = activityOf({ dramGigabytesPerSecond: 0.001, macRate: { kind: 'fixed' } }, SMALL_LAYER);
    expect(activity.cycles).toBe(960 + 2400 + 2000);
  });

  it.each([
    [{}, 'compute', 323 / 8000],
    [{ dramGigabytesPerSecond: 0.001 }, 'memory', 5360 / 8000],
    [{ hostMicrosecondsPerLayer: 50 }, 'overhead', 323 / 8000 + 0.05],
  ] as const)('says what it waits for: %j', (change, bound, latencyMs) => {
    const accelerator = createSystolic({ ...SMALL_ARRAY, macRate: { kind: 'fixed' }, ...change });
    const cost = accelerator.layerCost(SMALL_LAYER, 8, 8, 1);
    expect(cost).toMatchObject({ bound, trafficBytes: 5360 / 8, latencyMs: expect.closeTo(latencyMs, 12) });
  });

  it('says which bits really run', () => {
    const cost = createSystolic(npuInt8Int4).layerCost(SMALL_LAYER, 4, 8, 1);
    expect(cost).toMatchObject({ executedWeightBits: 8, executedActivationBits: 8 });
    const wide = createSystolic(npuInt8Int4).layerCost(SMALL_LAYER, 8, 8, 1);
    expect(cost.trafficBytes).toBeLessThan(wide.trafficBytes ?? 0);
  });

  it.each([3, 5, 6])('refuses %i bits where there are kernels for 4 and 8 only', (bits) => {
    const refusal = () => createSystolic(npuInt8Int4).layerCost(SMALL_LAYER, bits, 8, 1);
    expect(refusal).toThrowError(expect.objectContaining({ kind: 'unsupported' }));
    expect(refusal).toThrow(/it has 4, 8 bits/);
  });
});

const anyLayer = fc
  .record({
    kind: fc.constantFrom('dense', 'depthwise', 'grouped', 'fully-connected'),
    channels: fc.integer({ min: 1, max: 300 }),
    outChannels: fc.integer({ min: 1, max: 300 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ kind, channels, outChannels, kernel, size }) => {
    if (kind === 'depthwise') return depthwiseLayer({ channels, size, kernel });
    if (kind === 'fully-connected') return fullyConnectedLayer(channels, outChannels);
    const groups = kind === 'grouped' ? outChannels : 1;
    return convolutionLayer({ inChannels: channels * groups, outChannels: outChannels * 2, size, kernel, groups });
  });
const kibibytes = fc.constantFrom(0.5, 4, 32, 1024);
const anyProfile: fc.Arbitrary<SystolicProfile> = fc
  .record({
    arrayRows: fc.integer({ min: 1, max: 48 }),
    arrayColumns: fc.integer({ min: 1, max: 48 }),
    dataflow: fc.constantFrom(...DATAFLOWS),
    macRate: fc.constantFrom(...RATES),
    groupedLowering: fc.constantFrom(...LOWERINGS),
    weightBufferKibibytes: kibibytes,
    activationBufferKibibytes: kibibytes,
    outputBufferKibibytes: kibibytes,
    dramGigabytesPerSecond: fc.constantFrom(0.001, 0.03, 1, 100),
  })
  .map((change) => ({ ...SMALL_ARRAY, ...change }));
const bits = fc.integer({ min: 1, max: 8 });

describe('any layer on any array', () => {
  it('never gets faster, cheaper or lighter with a bit or an image more, and stays finite', () => {
    fc.assert(
      fc.property(anyProfile, anyLayer, bits, bits, bits, (profile, layer, weightBits, activationBits, batch) => {
        const cost = (w: number, a: number, b: number) =>
          createSystolic(profile).layerCost(layer, Math.min(8, w), Math.min(8, a), b);
        const here = cost(weightBits, activationBits, batch);
        const wider = cost(weightBits + 1, activationBits, batch);
        const deeper = cost(weightBits, activationBits + 1, batch);
        for (const more of [wider, deeper, cost(weightBits, activationBits, batch + 1)]) {
          expect(more.latencyMs).toBeGreaterThanOrEqual(here.latencyMs);
          expect(more.trafficBytes ?? 0).toBeGreaterThanOrEqual(here.trafficBytes ?? 0);
          expect(more.energyMj ?? 0).toBeGreaterThanOrEqual((here.energyMj ?? 0) * (1 - 1e-12));
          expect(Object.values(more).every((value) => typeof value !== 'number' || Number.isFinite(value))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes at least as long as memory, and as its MACs at the peak of the array', () => {
    fc.assert(
      fc.property(anyProfile, anyLayer, bits, bits, (profile, layer, weightBits, activationBits) => {
        const activity = systolicLayerActivity(profile, layer, { weightBits, activationBits }, 2);
        expect(activity.cycles).toBeGreaterThanOrEqual(activity.dramCycles);
        expect(activity.utilization).toBeGreaterThan(0);
        expect(activity.utilization).toBeLessThanOrEqual(1);
      }),
    );
  });
});
