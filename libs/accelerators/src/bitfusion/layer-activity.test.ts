import { convolutionLayer, depthwiseLayer, fullyConnectedLayer } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { fusedBits, fusionFactor } from './fusion.js';
import { bitfusionLayerActivity } from './layer-activity.js';
import type { BitfusionProfile } from './profile.js';
import { bitfusionEightByEight } from './profiles/eight-by-eight.js';

const activityAt = (bits: number, profile: BitfusionProfile = bitfusionEightByEight) => {
  return (layer: Parameters<typeof bitfusionLayerActivity>[1], batch = 1) =>
    bitfusionLayerActivity(profile, layer, bits, bits, batch);
};

describe('the fusion of bricks', () => {
  it('runs 3 bits as 4 and 5, 6 and 7 as 8', () => {
    expect([2, 3, 4, 5, 6, 7, 8].map(fusedBits)).toEqual([2, 4, 4, 8, 8, 8, 8]);
  });

  it('forms as many products as sixteen bricks allow', () => {
    expect([2, 4, 8].map((weight) => [2, 4, 8].map((activation) => fusionFactor(weight, activation)))).toEqual([
      [16, 8, 4],
      [8, 4, 2],
      [4, 2, 1],
    ]);
    expect(fusionFactor(3, 7)).toBe(fusionFactor(4, 8));
  });
});

describe('the cycles of a layer, by hand', () => {
  it('are the array and everything before and after it, where one tile is the whole layer', () => {
    const { computeCycles, fillAndDrainCycles, cycles, memoryCycles } = activityAt(8)(fullyConnectedLayer(130, 10));
    // Two columns' worth of outputs, 17 times 8 inputs each.
    expect(computeCycles).toBe(2 * 17);
    // First 130 inputs, 136 x 10 weights (padded to 8 rows) and 16 partial sums; last 16 partial sums.
    expect(fillAndDrainCycles).toBe(Math.ceil((130 * 8 + 136 * 10 * 8 + 16 * 32) / 128) + (16 * 32) / 128);
    expect(cycles).toBe(34 + 98 + 4);
    expect(memoryCycles).toBe(102);
  });

  it('are those of the kernel positions one by one in a convolution, of all at once in a first layer', () => {
    const middle = activityAt(8)(convolutionLayer({ inChannels: 12, outChannels: 20, size: 6, kernel: 3 }));
    expect(middle.computeCycles).toBe(6 * 6 * 3 * 9 * 2);
    const first = activityAt(8)(convolutionLayer({ inChannels: 3, outChannels: 20, size: 6, kernel: 3 }));
    expect(first.computeCycles).toBe(6 * 6 * 3 * Math.ceil(27 / 8));
  });

  it('walk through the kernel from as many input channels on as the array has rows', () => {
    const cycles = (inChannels: number) =>
      activityAt(4)(convolutionLayer({ inChannels, outChannels: 8, size: 6, kernel: 3 })).computeCycles;
    expect(cycles(8)).toBe(6 * 6 * 9);
    expect(cycles(7)).toBe(6 * 6 * Math.ceil(63 / 32));
  });

  it('overlap with memory in all but the first tiles and the last output', () => {
    const layer = fullyConnectedLayer(512, 1000);
    const { computeCycles, memoryCycles, fillAndDrainCycles, cycles, tile } = activityAt(8)(layer);
    expect(computeCycles).toBe(125 * 64);
    expect(tile).toMatchObject({ inputChannels: 512, outputChannels: 8 });
    // Every weight, input and partial sum passes once; what is not first or last hides the array.
    expect(memoryCycles).toBe((512 * 8 + 512 * 1000 * 8 + 2 * 1000 * 32) / 128);
    expect(cycles).toBe(Math.max(computeCycles, memoryCycles - fillAndDrainCycles) + fillAndDrainCycles);
    expect(cycles).toBe(32532);
  });

  it('are those of one group times the groups', () => {
    const grouped = convolutionLayer({ inChannels: 64, outChannels: 128, size: 7, kernel: 3, groups: 8 });
    const one = convolutionLayer({ inChannels: 8, outChannels: 16, size: 7, kernel: 3 });
    expect(activityAt(4)(grouped).cycles).toBe(8 * activityAt(4)(one).cycles);
    expect(activityAt(4)(grouped).energy.dramMj).toBeCloseTo(8 * activityAt(4)(one).energy.dramMj, 12);
  });
});

describe('a depthwise layer', () => {
  const layer = depthwiseLayer({ channels: 8, size: 4 });

  it('reads a plane for each output channel, 9 positions on 8 rows, by hand', () => {
    const activity = activityAt(8)(layer);
    expect(activity.tile).toMatchObject({ outputHeight: 4, outputWidth: 4, outputChannels: 8 });
    expect(activity.loopOrder).toEqual([]);
    expect(activity.computeCycles).toBe(4 * 4 * 2);
    expect(activity.inputReadBits).toBe(6 * 6 * 8 * 8);
    expect(activity.weightReadBits).toBe(16 * 8 * 8);
    expect(activity.partialSumReadBits).toBe(4 * 4 * 8 * 32);
    expect(activity.writtenBits).toBe(4 * 4 * 8 * 32);
    expect(activity.cycles).toBe(32 + 58 + 32);
  });

  it('spends energy in the array, the buffers, the memory and while it waits, by hand', () => {
    const { energy } = activityAt(8)(layer);
    const [inputs, weights, outputs] = [6 * 6 * 8 * 8, 16 * 8 * 8, 4 * 4 * 8 * 32];
    expect(energy.coreMj).toBeCloseTo((32 * 64 * 0.459) / 1e9, 15);
    // 4 x 4 x 8 outputs stay in place; each of 9 products of an output reads 8 bits of both operands.
    const fed = 4 * 4 * 8 * (32 * (0.035 + 0.103) + 9 * (8 * 0.107 + 8 * 0.059));
    const loaded = inputs * 0.135 + weights * 0.114 + outputs * (0.035 + 0.103);
    expect(energy.bufferMj).toBeCloseTo((fed + loaded) / 1e9, 15);
    expect(energy.dramMj).toBeCloseTo(((inputs + weights + 2 * outputs) * 15) / 1e9, 15);
    // 1.07 W for 122 cycles of 2 ns.
    expect(energy.staticMj).toBeCloseTo(1.07e3 * 122 * 2e-9, 15);
  });

  it('shares the plane of an input channel among the output channels that read it', () => {
    const doubled = convolutionLayer({ inChannels: 8, outChannels: 16, size: 4, kernel: 3, groups: 8 });
    expect(activityAt(8)(doubled).inputReadBits).toBe(activityAt(8)(layer).inputReadBits);
  });

  it('reads one unrolled plane in all in the literal form, which is why that form is not the default', () => {
    const literal = activityAt(8, { ...bitfusionEightByEight, depthwiseLowering: 'shared-plane' })(layer);
    expect(literal.inputReadBits).toBe(4 * 4 * 9 * 8);
  });
});

describe('a batch', () => {
  it('reads the weights of a fully connected layer once, as long as its images fit the buffers', () => {
    const layer = fullyConnectedLayer(512, 1000);
    expect(activityAt(8)(layer, 16).weightReadBits).toBe(activityAt(8)(layer, 1).weightReadBits);
    expect(activityAt(8)(layer, 16).cycles / activityAt(8)(layer, 1).cycles).toBeLessThan(4);
  });

  it('takes the array n times as long', () => {
    const layer = convolutionLayer({ inChannels: 64, outChannels: 64, size: 14 });
    expect(activityAt(8)(layer, 8).computeCycles).toBe(8 * activityAt(8)(layer, 1).computeCycles);
  });
});
