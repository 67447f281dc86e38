import { type CostTable, deriveLayers, type LayerCost } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { layerPrecisions } from '../graph/layer-precisions.js';
import { highestBits, searchSpace } from '../graph/search-space.js';
import { analyseTopology } from '../graph/topology.js';
import { findHardwarePreset } from '../hardware/presets.js';
import { buildNetwork, RESIDUAL } from '../test-support/build-network.js';
import { latencyTerm } from './latency-term.js';

const network = buildNetwork(2, RESIDUAL);
const layers = deriveLayers(network);
const topology = analyseTopology(network, findHardwarePreset('onnxruntime-cpu'), new Set(['stem']));
const space = searchSpace(topology);

function table(widths: readonly number[]): CostTable {
  const cell = (latencyMs: number): LayerCost => ({
    ...{ latencyMs, energyMj: undefined, trafficBytes: undefined, bound: undefined, computeMs: undefined },
    ...{ memoryMs: undefined, overheadMs: undefined, executedWeightBits: 8, executedActivationBits: 8 },
  });
  const cells = layers.map(() => widths.map((weight) => widths.map((bits) => cell(weight * bits))));
  const head = {
    hardware: 'made-up',
    batch: 1,
    weightBits: widths,
    activationBits: widths,
    provenance: 'table',
  } as const;
  return { ...head, cells, counted: layers.map((_, index) => index > 0) };
}

const change = (name: string, bits: number) =>
  highestBits(space).map((most, index) => (space[index]?.name === name ? bits : most));

describe('the bits of layers', () => {
  it('are those of their weight and of what they read; float layers have none', () => {
    expect(layerPrecisions(layers, topology, space, change('branch.weight', 5))).toEqual([
      { weightBits: 32, activationBits: 32 },
      { weightBits: 5, activationBits: 8 },
      { weightBits: 8, activationBits: 8 },
    ]);
  });
});

describe('latency in the objective', () => {
  it('is relative to the most bits, over the layers that count', () => {
    const term = latencyTerm(table([4, 8]), layers, topology, space, 0.1);
    expect(term.relative(highestBits(space))).toBe(1);
    expect(term.relative(change('branch.weight', 4))).toBe((4 * 8 + 64) / 128);
  });

  it('takes the next wider pair of the table for bits that it lacks', () => {
    const term = latencyTerm(table([4, 8]), layers, topology, space, 0.1);
    expect(term.relative(change('branch.weight', 5))).toBe(1);
  });

  it('is refused where a layer that counts has no cost', () => {
    expect(() => latencyTerm(table([4]), layers, topology, space, 0.1)).toThrow(
      expect.objectContaining({
        kind: 'unsupported',
        message: expect.stringContaining('made-up has no cost for layer 1'),
      }),
    );
  });
});
