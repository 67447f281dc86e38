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
import { bismoLayerActivity, peakBinaryOperationsPerCycle } from './layer-activity.js';
import { createBismo } from './model.js';
import type { BismoProfile } from './profile.js';
import { bismoCloud } from './profiles/cloud.js';
import { bismoEdge } from './profiles/edge.js';

const physicalEdge = { ...bismoEdge, name: 'bismo-edge-physical', groupedLowering: 'block_diagonal' } as const;

describeAccelerator(createBismo(bismoEdge));
describeAccelerator(createBismo(bismoCloud));
describeAccelerator(createBismo(physicalEdge));

type GoldenCell = {
  configuration: string;
  layer: number;
  weight_bits: number;
  activation_bits: number;
  cycles: number;
  compute_cycles: number;
  weight_read_bits: number;
  activation_read_bits: number;
};
type GoldenLayer = { kind: string; cin: number; cout: number; k: number; stride: number; hout: number; groups: number };
type Golden = { layers: GoldenLayer[]; cells: GoldenCell[] };

const golden = JSON.parse(readFileSync(new URL('./fixtures/bismo.json', import.meta.url), 'utf8')) as Golden;
const profiles: Record<string, BismoProfile> = { 'bismo-edge-z7020': bismoEdge, 'bismo-cloud-vu9p': bismoCloud };

function fromGolden(layer: GoldenLayer): Layer {
  const { kind, cin, cout, k, stride, hout, groups } = layer;
  if (kind === 'fc') return fullyConnectedLayer(cin, cout);
  return convolutionLayer({ inChannels: cin, outChannels: cout, size: hout, kernel: k, stride, groups });
}

describe('every cell of an independent implementation comes out exactly', () => {
  it.each(golden.cells)('$configuration, layer $layer at $weight_bits/$activation_bits bits', (cell) => {
    const profile = profiles[cell.configuration] as BismoProfile;
    const layer = fromGolden(golden.layers[cell.layer] as GoldenLayer);
    const batch = profile.defaultBatchImages;
    const activity = bismoLayerActivity(profile, layer, cell.weight_bits, cell.activation_bits, batch);
    expect(activity.cycles).toBe(cell.cycles);
    expect(activity.computeCycles).toBe(cell.compute_cycles);
    expect(activity.weightReadBits).toBe(cell.weight_read_bits);
    expect(activity.activationReadBits).toBe(cell.activation_read_bits);
  });
});

describe('the cycles of a layer, by hand', () => {
  it('is the arrival of one operand and the passes over the rest of the other', () => {
    // 64 x 256 by 256 x 64 on 8 x 8 processing elements: 64 tiles, one word; 64 passes a tile at 8/8 bits.
    const layer = convolutionLayer({ inChannels: 256, outChannels: 64, size: 8 });
    const activity = bismoLayerActivity(bismoEdge, layer, 8, 8, 1);
    expect(activity.computeCycles).toBe(8 * 8 * 64);
    // The first column tile waits for the weights: 64 rows x 8 planes x 4 port cycles. Then 7 column tiles of 8 x 64
    // passes, and 7 cycles until the last plane is through.
    expect(activity.cycles).toBe(64 * 8 * 4 + 7 * 8 * 64 + 7);
  });

  it('waits for the activations of a depthwise layer on the edge: one column a cycle and bit plane', () => {
    const layer = depthwiseLayer({ channels: 10, size: 8 });
    const { cycles, activationStreamCycles } = bismoLayerActivity(bismoEdge, layer, 4, 8, 1);
    expect(activationStreamCycles).toBe(10 * 64 * 8);
    expect(cycles).toBe(10 * (64 * 8 + 3));
  });

  it('fills the rows with images in a depthwise layer of the cloud, at no cost up to 16', () => {
    const layer = depthwiseLayer({ channels: 10, size: 14 });
    const cyclesAt = (batch: number) => bismoLayerActivity(bismoCloud, layer, 4, 4, batch).cycles;
    expect(cyclesAt(16)).toBe(cyclesAt(1));
    expect(cyclesAt(17)).toBeGreaterThan(cyclesAt(16));
  });

  it('reads the weights of a fully connected layer once a batch, up to as many images as columns', () => {
    const layer = fullyConnectedLayer(1280, 1000);
    const at = (batch: number) => bismoLayerActivity(bismoCloud, layer, 8, 8, batch);
    expect(at(16).weightReadBits).toBe(at(1).weightReadBits);
    expect(at(16).cycles / at(1).cycles).toBeLessThan(1.01);
  });

  it('takes n times as long for n images of a dense convolution', () => {
    const layer = convolutionLayer({ inChannels: 24, outChannels: 144, size: 56 });
    const cyclesAt = (batch: number) => bismoLayerActivity(bismoCloud, layer, 5, 3, batch).cycles;
    expect(cyclesAt(12)).toBe(12 * cyclesAt(1));
  });
});

describe('the lowering of depthwise layers', () => {
  const layer = depthwiseLayer({ channels: 96, size: 14 });
  const cycles = (profile: BismoProfile, batch: number) => bismoLayerActivity(profile, layer, 8, 8, batch).cycles;

  it('is the same under both lowerings at batch 16 on 16 rows', () => {
    const physicalCloud: BismoProfile = { ...bismoCloud, groupedLowering: 'block_diagonal' };
    expect(cycles(physicalCloud, 16)).toBe(cycles(bismoCloud, 16));
  });

  it('makes the physical array several times as fast at batch 1, because groups share its rows', () => {
    expect(cycles(physicalEdge, 1)).toBeLessThan(cycles(bismoEdge, 1) / 2);
  });
});

describe('what a layer is bound by', () => {
  const bound = (profile: BismoProfile, layer: Layer, weightBits: number, activationBits: number) =>
    createBismo(profile).layerCost(layer, weightBits, activationBits, profile.defaultBatchImages).bound;

  it('is memory for depthwise layers even where passes and arrival take equally long', () => {
    expect(bound(bismoEdge, depthwiseLayer({ channels: 96, size: 112 }), 8, 8)).toBe('memory');
    expect(bound(bismoEdge, depthwiseLayer({ channels: 960, size: 7 }), 8, 8)).toBe('memory');
  });

  it('is compute for wide pointwise layers and for standard convolutions', () => {
    expect(bound(bismoEdge, convolutionLayer({ inChannels: 384, outChannels: 64, size: 14 }), 8, 8)).toBe('compute');
    expect(bound(bismoCloud, convolutionLayer({ inChannels: 64, outChannels: 64, size: 56, kernel: 3 }), 4, 4)).toBe(
      'compute',
    );
  });

  it('is memory for a late layer of the cloud with few activation bits: its weights take longest', () => {
    const late = convolutionLayer({ inChannels: 960, outChannels: 320, size: 7 });
    expect(bound(bismoCloud, late, 8, 8)).toBe('compute');
    expect(bound(bismoCloud, late, 8, 1)).toBe('memory');
  });

  it('is overhead where the host takes longer than the accelerator, and the latency holds it', () => {
    const layer = depthwiseLayer({ channels: 8, size: 4 });
    const slowHost = { ...bismoEdge, hostMicrosecondsPerLayer: 900, parallelToSerialMicrosecondsPerLayer: 100 };
    const cost = createBismo(slowHost).layerCost(layer, 2, 2, 1);
    expect(cost.bound).toBe('overhead');
    expect(cost.overheadMs).toBe(1);
    expect(cost.latencyMs).toBe(1 + createBismo(bismoEdge).layerCost(layer, 2, 2, 1).latencyMs);
  });
});

describe('the energy of a layer', () => {
  const layer = convolutionLayer({ inChannels: 256, outChannels: 64, size: 8 });

  it('is the sum of operations, moved bits and static power, by hand', () => {
    const profile: BismoProfile = { ...bismoEdge, staticMilliwatts: 500 };
    const { energyMj = 0, latencyMs, trafficBytes = 0 } = createBismo(profile).layerCost(layer, 3, 5, 1);
    const operations = 2 * 3 * 5 * (64 * 256 * 64);
    const picojoules = operations * 0.519 + trafficBytes * 8 * 15;
    expect(energyMj).toBeCloseTo(picojoules / 1e9 + (0.5 * latencyMs) / 1, 12);
  });

  it.each([bismoEdge, bismoCloud])('of $name stays under the published power at peak speed', (profile) => {
    // BISMO's README: 15.4 binary TOPS under 8 W, so at most 0.52 pJ a binary operation.
    expect(profile.binaryOperationPicojoules).toBeLessThanOrEqual(0.52);
  });
});

it('has the published peak speeds: 6.55 and 26.2 binary TOPS', () => {
  const teraOperations = (profile: BismoProfile) =>
    (peakBinaryOperationsPerCycle(profile) * profile.clockMegahertz) / 1e6;
  expect(teraOperations(bismoEdge)).toBeCloseTo(6.55, 2);
  expect(teraOperations(bismoCloud)).toBeCloseTo(26.2, 1);
});

const anyLayer = fc
  .record({
    kind: fc.constantFrom('dense', 'depthwise', 'fully-connected'),
    inChannels: fc.integer({ min: 1, max: 2000 }),
    outChannels: fc.integer({ min: 1, max: 2000 }),
    kernel: fc.integer({ min: 1, max: 7 }),
    size: fc.integer({ min: 1, max: 112 }),
  })
  .map(({ kind, inChannels, outChannels, kernel, size }) => {
    if (kind === 'depthwise') return depthwiseLayer({ channels: inChannels, size, kernel });
    if (kind === 'fully-connected') return fullyConnectedLayer(inChannels, outChannels);
    return convolutionLayer({ inChannels, outChannels, size, kernel });
  });
const bits = fc.integer({ min: 1, max: 8 });
const profile = fc.constantFrom<BismoProfile>(bismoEdge, bismoCloud, physicalEdge);

describe('any layer', () => {
  it('never gets faster, cheaper or lighter with a bit more', () => {
    fc.assert(
      fc.property(profile, anyLayer, bits, bits, (sheet, layer, weightBits, activationBits) => {
        const cost = (w: number, a: number) => createBismo(sheet).layerCost(layer, Math.min(8, w), Math.min(8, a), 2);
        const here = cost(weightBits, activationBits);
        for (const more of [cost(weightBits + 1, activationBits), cost(weightBits, activationBits + 1)]) {
          expect(more.latencyMs).toBeGreaterThanOrEqual(here.latencyMs);
          expect(more.trafficBytes ?? 0).toBeGreaterThanOrEqual(here.trafficBytes ?? 0);
          expect(more.energyMj ?? 0).toBeGreaterThanOrEqual(here.energyMj ?? 0);
        }
      }),
    );
  });

  it('takes at least as long as its passes and as its longer stream', () => {
    fc.assert(
      fc.property(profile, anyLayer, bits, bits, (sheet, layer, weightBits, activationBits) => {
        const activity = bismoLayerActivity(sheet, layer, weightBits, activationBits, 3);
        expect(activity.cycles).toBeGreaterThanOrEqual(activity.computeCycles);
        expect(activity.cycles).toBeGreaterThanOrEqual(activity.weightStreamCycles);
        expect(activity.cycles).toBeGreaterThanOrEqual(activity.activationStreamCycles);
        expect(activity.utilization).toBeLessThanOrEqual(1);
      }),
    );
  });
});
