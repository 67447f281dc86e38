import { readFileSync } from 'node:fs';
import type { Layer } from '@bitwright/core';
import {
  convolutionLayer,
  depthwiseLayer,
  describeAccelerator,
  fullyConnectedLayer,
} from '@bitwright/hardware-kit/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitfusionLayerActivity } from './layer-activity.js';
import { createBitfusion } from './model.js';
import type { BitfusionProfile } from './profile.js';
import { bitfusionEightByEight } from './profiles/eight-by-eight.js';

const fastest: BitfusionProfile = { ...bitfusionEightByEight, name: 'bitfusion-fastest', objective: 'latency' };
const sharedPlane: BitfusionProfile = { ...fastest, name: 'bitfusion-shared-plane', depthwiseLowering: 'shared-plane' };

describeAccelerator(createBitfusion(bitfusionEightByEight));
describeAccelerator(createBitfusion(fastest));
describeAccelerator(createBitfusion(sharedPlane));

type GoldenCell = {
  layer: number;
  weight_bits: number;
  activation_bits: number;
  cycles: number;
  compute_cycles: number;
  stall_cycles: number;
};
type GoldenLayer = { kind: string; cin: number; cout: number; k: number; stride: number; hout: number; groups: number };
type Golden = { layers: GoldenLayer[]; cells: GoldenCell[] };

const golden = JSON.parse(readFileSync(new URL('./fixtures/bitfusion.json', import.meta.url), 'utf8')) as Golden;

function fromGolden(layer: GoldenLayer): Layer {
  const { kind, cin, cout, k, stride, hout, groups } = layer;
  if (kind === 'fc') return fullyConnectedLayer(cin, cout);
  return convolutionLayer({ inChannels: cin, outChannels: cout, size: hout, kernel: k, stride, groups });
}

describe('every cell of an independent implementation comes out exactly', () => {
  it('has cells of every layer', () => {
    expect(new Set(golden.cells.map(({ layer }) => layer)).size).toBe(golden.layers.length);
    expect(golden.cells).toHaveLength(54);
  });

  it.each(golden.cells)('layer $layer at $weight_bits/$activation_bits bits', (cell) => {
    const layer = fromGolden(golden.layers[cell.layer] as GoldenLayer);
    const activity = bitfusionLayerActivity(sharedPlane, layer, cell.weight_bits, cell.activation_bits, 1);
    expect(activity.cycles).toBe(cell.cycles);
    expect(activity.computeCycles).toBe(cell.compute_cycles);
    expect(activity.stallCycles).toBe(cell.stall_cycles);
    const { latencyMs } = createBitfusion(sharedPlane).layerCost(layer, cell.weight_bits, cell.activation_bits, 1);
    expect(latencyMs).toBeLessThanOrEqual(cell.cycles / 500e3);
  });
});

describe('the bits that BitFusion runs', () => {
  const { capabilities, layerCost } = createBitfusion(bitfusionEightByEight);
  const layer = convolutionLayer({ inChannels: 256, outChannels: 64, size: 8, kernel: 3 });

  it('are 2 to 8: a single bit is refused', () => {
    expect(capabilities.weightBits).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(capabilities.activationBits).toEqual([2, 3, 4, 5, 6, 7, 8]);
    const refusal = expect.objectContaining({ kind: 'unsupported', reason: 'PRECISION_UNSUPPORTED' });
    expect(() => layerCost(layer, 1, 8, 1)).toThrowError(refusal);
    expect(() => layerCost(layer, 8, 1, 1)).toThrowError(refusal);
  });

  it('are executed as 2, 4 or 8', () => {
    const executed = capabilities.weightBits.map((bits) => layerCost(layer, bits, 8, 1).executedWeightBits);
    expect(executed).toEqual([2, 4, 4, 8, 8, 8, 8]);
    const activations = capabilities.activationBits.map((bits) => layerCost(layer, 8, bits, 1).executedActivationBits);
    expect(activations).toEqual([2, 4, 4, 8, 8, 8, 8]);
  });

  it('take the array as long as the executed ones but are stored as they are', () => {
    const [six, eight] = [layerCost(layer, 6, 6, 1), layerCost(layer, 8, 8, 1)];
    expect(six.computeMs).toBe(eight.computeMs);
    expect(six.trafficBytes).toBeLessThan(eight.trafficBytes ?? 0);
  });

  it('are widened where that is cheaper: nine places of 128 would be weights in a depthwise layer at 2/2 bits', () => {
    const depthwise = depthwiseLayer({ channels: 96, size: 14 });
    const own = bitfusionLayerActivity(bitfusionEightByEight, depthwise, 2, 2, 1);
    const cost = layerCost(depthwise, 2, 2, 1);
    expect(own.weightReadBits).toBe(96 * 128 * 2);
    expect(cost.latencyMs).toBeLessThan(own.cycles / 500e3);
    expect([cost.executedWeightBits, cost.executedActivationBits]).not.toEqual([2, 2]);
  });
});

describe('what a layer is bound by', () => {
  const bound = (layer: Layer, bits: number) =>
    createBitfusion(bitfusionEightByEight).layerCost(layer, bits, bits, 1).bound;

  it('is compute for wide convolutions, and memory once fusion has made them sixteen times as fast', () => {
    const layer = convolutionLayer({ inChannels: 128, outChannels: 128, size: 28 });
    expect(bound(layer, 8)).toBe('compute');
    expect(bound(layer, 2)).toBe('memory');
  });

  it('is memory for a wide fully connected layer, whose weights serve one image', () => {
    expect(bound(fullyConnectedLayer(512, 1000), 8)).toBe('memory');
  });

  it('is overhead where one tile is the whole layer and nothing overlaps', () => {
    expect(bound(fullyConnectedLayer(130, 10), 8)).toBe('overhead');
  });
});

it('refuses a kernel that no buffer can hold', () => {
  const layer = convolutionLayer({ inChannels: 1, outChannels: 8, size: 4, kernel: 200 });
  const refusal = expect.objectContaining({ kind: 'unsupported', reason: 'LAYER_UNSUPPORTED' });
  expect(() => createBitfusion(bitfusionEightByEight).layerCost(layer, 8, 8, 1)).toThrowError(refusal);
});

const channels = fc.integer({ min: 1, max: 600 });
const anyLayer = fc
  .record({
    kind: fc.constantFrom('dense', 'depthwise', 'fully-connected'),
    inChannels: channels,
    outChannels: channels,
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 2 }),
    size: fc.integer({ min: 1, max: 56 }),
  })
  .map(({ kind, inChannels, outChannels, kernel, stride, size }) => {
    if (kind === 'depthwise') return depthwiseLayer({ channels: inChannels, size, kernel, stride });
    if (kind === 'fully-connected') return fullyConnectedLayer(inChannels, outChannels);
    return convolutionLayer({ inChannels, outChannels, size, kernel, stride });
  });
const bits = fc.integer({ min: 2, max: 8 });
const profile = fc.constantFrom(bitfusionEightByEight, fastest, sharedPlane);

describe('any layer', () => {
  it('never gets faster, cheaper or lighter with a bit more', () => {
    fc.assert(
      fc.property(profile, anyLayer, bits, bits, (sheet, layer, weightBits, activationBits) => {
        const { layerCost } = createBitfusion(sheet);
        const cost = (w: number, a: number) => layerCost(layer, Math.min(8, w), Math.min(8, a), 2);
        const here = cost(weightBits, activationBits);
        for (const more of [cost(weightBits + 1, activationBits), cost(weightBits, activationBits + 1)]) {
          expect(more.latencyMs).toBeGreaterThanOrEqual(here.latencyMs);
          expect(more.trafficBytes ?? 0).toBeGreaterThanOrEqual(here.trafficBytes ?? 0);
          expect(more.energyMj ?? 0).toBeGreaterThanOrEqual(here.energyMj ?? 0);
        }
      }),
    );
  });

  it('takes at least as long as the array and as the memory, and does not outdo the array', () => {
    fc.assert(
      fc.property(profile, anyLayer, bits, bits, (sheet, layer, weightBits, activationBits) => {
        const activity = bitfusionLayerActivity(sheet, layer, weightBits, activationBits, 3);
        expect(activity.cycles).toBeGreaterThanOrEqual(activity.computeCycles + activity.fillAndDrainCycles);
        expect(activity.cycles).toBeGreaterThanOrEqual(activity.memoryCycles);
        expect(activity.utilization).toBeGreaterThan(0);
        expect(activity.utilization).toBeLessThanOrEqual(1);
      }),
    );
  });
});
