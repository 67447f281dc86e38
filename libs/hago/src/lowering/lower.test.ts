import type { Operation } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { highestBits, searchSpace } from '../graph/search-space.js';
import { analyseTopology } from '../graph/topology.js';
import { findHardwarePreset } from '../hardware/presets.js';
import type { IntegerFormat } from '../integer-graph.js';
import { buildNetwork, constantModel, pointwise, RESIDUAL } from '../test-support/build-network.js';
import { lowerToIntegers } from './lower.js';
import { rectifyScales } from './rectify.js';
import { quantizeParameters, scaleOf } from './scales.js';

const POOL: Operation = {
  ...{ kind: 'max-pool', kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2 },
  padding: { top: 0, left: 0, bottom: 0, right: 0 },
};

const model = constantModel(buildNetwork(2, RESIDUAL), 0.5);
const thresholds = new Map([
  ...([
    ['input', 1],
    ['stem', 3],
    ['stem.relu', 2],
    ['branch', 4],
    ['sum', 5],
  ] as const),
  ...([
    ['pool', 5],
    ['classifier', 5],
  ] as const),
]);

function lower(preset: string, change: (names: readonly string[], bits: number[]) => void = () => {}) {
  const topology = analyseTopology(model.network, findHardwarePreset(preset));
  const space = searchSpace(topology);
  const bits = [...highestBits(space)];
  change(
    space.map(({ name }) => name),
    bits,
  );
  const graph = lowerToIntegers(model, topology, space, bits, thresholds);
  return { graph, node: (id: string) => graph.nodes.find((one) => one.id === id)! };
}

describe('scales', () => {
  it('are T / 2^(b-1) as float32, and T / 2^b for tensors without negative codes', () => {
    expect(scaleOf(1, 8, false)).toBe(1 / 128);
    expect(scaleOf(0.3, 8, false)).toBe(Math.fround(0.3 / 128));
    expect(scaleOf(1, 8, true)).toBe(1 / 256);
    expect(scaleOf(0, 8, false)).toBe(1);
  });

  it('of weights are per output channel, and channels of zeros do without', () => {
    const weight = { shape: [3, 2], values: Float32Array.of(1, -0.5, 0, 0, 0.25, 0.25) };
    const options = { bits: 8, perChannel: true, inputScale: 0.5 };
    const { codes, scales } = quantizeParameters(weight, undefined, options);
    expect(Array.from(scales)).toEqual([1 / 128, 1 / 128, 0.25 / 128]);
    // The largest weight would be code 128: it is clipped, as HAGO has it.
    expect(Array.from(codes)).toEqual([127, -64, 0, 0, 127, 127]);
  });

  it('of channels with a large bias grow until it fits 32 bits', () => {
    const weight = { shape: [1, 1], values: Float32Array.of(1e-12) };
    const bias = { shape: [1], values: Float32Array.of(5) };
    const { scales, bias: codes } = quantizeParameters(weight, bias, { bits: 8, perChannel: true, inputScale: 1e-3 });
    expect(codes?.[0]).toBeLessThan(2 ** 31 - 1);
    expect((codes?.[0] as number) * (scales[0] as number) * 1e-3).toBeCloseTo(5, 3);
  });
});

describe('rectification', () => {
  it('gives an addition the larger scale, others those of their edges', () => {
    expect(rectifyScales('add', [0.5, 0.25])).toEqual([0.5, 0.5]);
    expect(rectifyScales('convolution', [0.5])).toEqual([0.5]);
  });
});

describe('integers requantized on edges', () => {
  it('have the product of their input scales behind a layer, and skip the requantization before a rectifier', () => {
    const { node } = lower('int8-accelerator');
    const product = (1 / 128) * (0.5 / 128);
    expect(node('stem').output).toMatchObject({ type: 'int32', scales: Float64Array.of(product, product) });
    expect(node('stem.relu').inputs[0]?.conversion).toEqual({ kind: 'none' });
    expect(node('stem.relu').output).toMatchObject({ scales: Float64Array.of(product, product) });
    expect(node('branch').inputs[0]?.conversion).toMatchObject({
      kind: 'requantize',
      multipliers: Float32Array.of(product / (2 / 128), product / (2 / 128)),
      range: { lowest: -127, highest: 127 },
    });
  });

  it('are added at one scale, the larger', () => {
    const { node } = lower('int8-accelerator');
    const scales = node('sum').inputs.map(({ format }) => (format as IntegerFormat).scales[0]);
    expect(scales).toEqual([4 / 2 ** 30, 4 / 2 ** 30]);
    expect(node('sum').output).toMatchObject({ scales: Float64Array.of(4 / 2 ** 30) });
  });

  it('have no codes of a float tensor that float32 rounds up out of their type', () => {
    const operators = { 'max-pool': [{ inputs: ['int32'], output: 'int32' }] } as const;
    const specification = { ...findHardwarePreset('int8-accelerator'), operators };
    const pooled = constantModel(buildNetwork(2, [['pool', POOL, 'input']]), 0);
    const topology = analyseTopology(pooled.network, specification);
    const space = searchSpace(topology);
    const highest = (bits: number) => {
      const conversion = lowerToIntegers(pooled, topology, space, [bits], thresholds).nodes[1]?.inputs[0]?.conversion;
      return conversion?.kind === 'quantize' ? conversion.range.highest : undefined;
    };
    expect(highestBits(space)).toEqual([32]);
    expect([24, 25, 31, 32].map(highest)).toEqual([2 ** 23 - 1, 2 ** 24 - 1, 2 ** 30 - 64, 2 ** 31 - 128]);
  });

  it('become float where the hardware has no integers, and at the end', () => {
    const { graph, node } = lower('int8-accelerator');
    expect(node('pool').kernel).toBeUndefined();
    expect(node('pool').inputs[0]?.conversion.kind).toBe('dequantize');
    expect(graph.output.conversion.kind).toBe('none');
  });
});

describe('integers requantized by kernels', () => {
  it('take the rectifier behind a layer into its kernel and use all codes of an unsigned byte', () => {
    const { graph, node } = lower('onnxruntime-cpu');
    expect(graph.nodes.map(({ id }) => id)).toEqual(['input', 'stem.relu', 'branch', 'sum', 'pool', 'classifier']);
    expect(node('stem.relu').kernel?.requantization?.range).toEqual({ lowest: 0, highest: 255 });
    expect(node('stem.relu').output).toMatchObject({ type: 'int8', unsigned: true, scales: Float64Array.of(2 / 256) });
    expect(node('branch').kernel?.requantization?.range).toEqual({ lowest: -128, highest: 127 });
  });

  it('rescale the operands of an addition each by its own factor', () => {
    const { node } = lower('onnxruntime-cpu');
    const [branch, relu, sum] = [4 / 128, 2 / 256, 5 / 128];
    expect(node('sum').kernel?.requantization?.multipliers).toEqual(Float32Array.of(branch / sum, relu / sum));
  });

  it('give their sums as they are where nothing reads integers: the logits', () => {
    const { graph, node } = lower('onnxruntime-cpu');
    expect(node('classifier').kernel?.requantization).toBeUndefined();
    expect(graph.output.conversion.kind).toBe('dequantize');
  });

  it('have the bits of who reads a rectifier that is not part of a kernel', () => {
    const rectified = constantModel(
      buildNetwork(2, [
        ['stem', pointwise(2), 'input'],
        ['relu', { kind: 'relu' }, 'stem'],
        ['branch', pointwise(2), 'relu'],
        ['sum', { kind: 'add' }, 'branch', 'stem'],
        ['pool', { kind: 'global-average-pool' }, 'sum'],
      ]),
      0.5,
    );
    const topology = analyseTopology(rectified.network, findHardwarePreset('onnxruntime-cpu'));
    const space = searchSpace(topology);
    const bits = space.map(({ name }) => (name === 'stem' ? 5 : 8));
    const { nodes } = lowerToIntegers(rectified, topology, space, bits, new Map([...thresholds, ['relu', 3]]));
    const find = (id: string) => nodes.find((one) => one.id === id);
    expect(find('stem')?.kernel?.requantization?.range).toEqual({ lowest: -15, highest: 15 });
    expect(find('relu')?.output).toEqual(find('stem')?.output);
  });

  it('clip codes of fewer bits', () => {
    const { node } = lower('onnxruntime-cpu', (names, bits) => {
      bits[names.indexOf('branch')] = 6;
      bits[names.indexOf('stem.relu')] = 4;
    });
    expect(node('branch').kernel?.requantization?.range).toEqual({ lowest: -31, highest: 31 });
    expect(node('stem.relu').kernel?.requantization?.range).toEqual({ lowest: 0, highest: 15 });
  });
});
