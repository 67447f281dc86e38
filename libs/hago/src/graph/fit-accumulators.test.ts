import { describe, expect, it } from 'vitest';
import { findHardwarePreset } from '../hardware/presets.js';
import { buildNetwork, constantModel, RESIDUAL } from '../test-support/build-network.js';
import { fitAccumulators } from './fit-accumulators.js';
import { highestBits, searchSpace } from './search-space.js';
import { analyseTopology } from './topology.js';

const model = constantModel(buildNetwork(2, RESIDUAL), 1);
const thresholds = new Map(model.network.nodes.map(({ id }) => [id, 1]));

function fitted(preset: string, sums: readonly number[]) {
  const topology = analyseTopology(model.network, findHardwarePreset(preset));
  const space = searchSpace(topology);
  const maximums = new Map([['stem', Float32Array.from(sums)]]);
  return highestBits(fitAccumulators(model, topology, space, thresholds, maximums));
}

describe('bits whose sums fit', () => {
  // Steps of 2^-7 x 2^-7 at 8 bits: a sum of 1 is code 16384.
  it('stay as they are where the largest sum is small enough', () => {
    expect(fitted('int8-accelerator-int16', [1.9, 0.1])).toEqual([8, 8, 8, 8, 15, 15]);
  });

  it('are taken from weight and input in turn, by the largest sum of all channels', () => {
    expect(fitted('int8-accelerator-int16', [0.1, 3])).toEqual([8, 7, 8, 8, 15, 15]);
    expect(fitted('int8-accelerator-int16', [7, 0])).toEqual([7, 7, 8, 8, 15, 15]);
  });

  it('stay at 4 where nothing fits', () => {
    expect(fitted('int8-accelerator-int16', [1e9, 0])).toEqual([4, 4, 8, 8, 15, 15]);
  });

  it('are all bits where accumulators have 32', () => {
    expect(fitted('int8-accelerator', [1e9, 0])).toEqual([8, 8, 8, 8, 31, 31]);
  });
});
