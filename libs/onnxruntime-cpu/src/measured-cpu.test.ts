import { readFile } from 'node:fs/promises';
import {
  deriveLayers,
  type Hardware,
  type HardwareFeedback,
  type HardwareOptions,
  type Layer,
  type PrecisionPolicy,
  uniformPolicy,
} from '@bitwright/core';
import { SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { buildMobilenetV2 } from '@bitwright/zoo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeasuredCpu, type MeasuredCpu } from './measured-cpu.js';

const network = buildMobilenetV2({
  network: 'mobilenet-v2',
  width: 0.35,
  imageSize: 32,
  classes: 10,
  channels: 1,
  outputStride: 8,
});
const layers = deriveLayers(network);

let cpu: MeasuredCpu;
beforeAll(async () => {
  const settings = { threads: 1, warmUpRuns: 1, samples: 5, budgetMs: 1000, launcher: [], onWorkerDied: () => {} };
  cpu = await createMeasuredCpu({ name: 'this-machine', ...settings });
}, 60_000);
afterAll(() => cpu.close());

async function evaluateOne(
  hardware: Hardware,
  of: readonly Layer[],
  policy: PrecisionPolicy,
  options: HardwareOptions = {},
): Promise<HardwareFeedback> {
  for await (const feedback of hardware.evaluate(of, [policy], options)) return feedback;
  throw new Error('the hardware gave no feedback for the policy');
}

describe('this machine, measured', () => {
  it('lists the kernels that it has, and no precision without one', async () => {
    const { operators, provenance, metrics, additive, weightBits } = await cpu.describe();
    expect({ provenance, metrics, additive }).toEqual({
      provenance: 'measured',
      metrics: ['latency'],
      additive: false,
    });
    expect(weightBits).toEqual([4, 8, 32]);
    const int8 = { weightBits: 8, activationBits: 8 };
    const float = { weightBits: 32, activationBits: 32 };
    for (const { operator, precisions } of operators ?? []) {
      const narrow = operator === 'fully-connected' ? [{ weightBits: 4, activationBits: 8 }] : [];
      expect(precisions).toEqual([...narrow, int8, float]);
    }
    expect(operators?.map(({ operator }) => operator)).toHaveLength(4);
  });

  it('names the version of ONNX Runtime, which only its child has loaded', async () => {
    const { version, description } = await cpu.describe();
    expect(version).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{8}$/);
    expect(description).toContain(`ONNX Runtime ${version.split('-')[0]},`);
    expect(await readFile('/proc/self/maps', 'utf8')).not.toContain('onnxruntime');
  });

  it('measures every layer at every kernel, with its spread and without inventing energy', async () => {
    const table = await cpu.tabulate(SAMPLE_LAYERS);
    expect(table.failures).toBeUndefined();
    table.cells.forEach((rows, layer) => {
      const holes = rows.flat().filter((cell) => cell === undefined);
      // Of six pairs convolutions have two kernels, fully connected layers three.
      expect(holes).toHaveLength(SAMPLE_LAYERS[layer]?.kind === 'fully-connected' ? 3 : 4);
      for (const cell of rows.flat()) {
        if (cell === undefined) continue;
        expect(cell.latencyMs).toBeGreaterThan(0);
        expect(cell.spreadMs).toBeGreaterThanOrEqual(0);
        expect(cell.energyMj).toBeUndefined();
      }
    });
    expect(await cpu.tabulate(SAMPLE_LAYERS)).toEqual(table);
  }, 60_000);

  it('adds up layers, and times a network whole where it has the graph', async () => {
    const policy = uniformPolicy(layers.length, 8);
    const summed = await evaluateOne(cpu, layers, policy);
    const sum = summed.layers.reduce((total, { latencyMs }) => total + latencyMs, 0);
    expect(summed.latencyMs).toBeCloseTo(sum, 9);
    expect(summed.spreadMs).toBeUndefined();
    const whole = await evaluateOne(cpu, layers, policy, { network });
    expect(whole.layers).toEqual(summed.layers);
    expect(whole.latencyMs).not.toBe(summed.latencyMs);
    expect(whole.spreadMs).toBeGreaterThanOrEqual(0);
  }, 60_000);

  it('mixes integers and float in one network', async () => {
    const uniform = uniformPolicy(layers.length, 8);
    const mixed = {
      ...uniform,
      layers: uniform.layers.map((bits, index) => (index % 2 === 0 ? bits : { weightBits: 32, activationBits: 32 })),
    };
    const { layers: costs, latencyMs } = await evaluateOne(cpu, layers, mixed, { network });
    expect(latencyMs).toBeGreaterThan(0);
    expect(costs.map(({ executedWeightBits }) => executedWeightBits).slice(0, 4)).toEqual([8, 32, 8, 32]);
  }, 60_000);
});

describe('what this machine cannot run', () => {
  it('is refused with the layer and the bits', async () => {
    const narrow = evaluateOne(cpu, layers, uniformPolicy(layers.length, 4, 8));
    await expect(narrow).rejects.toMatchObject({ kind: 'unsupported', reason: 'NO_KERNEL' });
    await expect(narrow).rejects.toThrow(
      /^layer 0 \(.+\): this-machine has no kernel for convolution layers with 4-bit/,
    );
    await expect(evaluateOne(cpu, layers, uniformPolicy(layers.length, 6))).rejects.toMatchObject({
      kind: 'unsupported',
      reason: 'PRECISION_UNSUPPORTED',
    });
  });

  it('is reported where it is one layer of several: too large, or of impossible sizes', async () => {
    const [first, second] = SAMPLE_LAYERS as unknown as readonly [Layer, Layer];
    const huge = { ...first, outChannels: 64 * 4096, outputHeight: 512, outputWidth: 512 };
    const odd = { ...second, outputHeight: second.outputHeight + 50 };
    const asked = [
      { ...first, index: 0 },
      { ...huge, index: 1 },
      { ...odd, index: 2 },
    ];
    const table = await cpu.tabulate(asked);
    expect(table.failures?.map(({ layer }) => layer)).toEqual([1, 2]);
    expect(table.failures?.[0]?.message).toMatch(/MACs and .+ elements in a batch of 1; at most 2e\+10/);
    expect(table.cells[0]?.flat().some((cell) => cell !== undefined)).toBe(true);
    await expect(cpu.tabulate([{ ...huge, index: 0 }])).rejects.toMatchObject({ reason: 'LAYER_TOO_LARGE' });
  }, 60_000);

  it('is refused where the graph is another than the layers, or layers would not count', async () => {
    const policy = uniformPolicy(3, 8);
    const short = evaluateOne(cpu, layers.slice(0, 3), policy, { network });
    await expect(short).rejects.toMatchObject({ violations: [{ field: 'network' }] });
    const counted = 'without-first-and-last' as const;
    const partly = evaluateOne(cpu, layers, uniformPolicy(layers.length, 8), { network, counted });
    await expect(partly).rejects.toMatchObject({ violations: [{ field: 'counted' }] });
    await expect(cpu.tabulate(layers, { batch: 65 })).rejects.toMatchObject({ violations: [{ field: 'batch' }] });
  });
});

describe('a measurement', () => {
  it('ends within a second when the caller gives up, and the next one works', async () => {
    const heavy = SAMPLE_LAYERS.map((layer) => ({
      ...layer,
      outChannels: layer.outChannels * 8,
      groups: 1,
      kind: 'convolution' as const,
    }));
    const abort = new AbortController();
    const work = cpu.tabulate(heavy, { batch: 64, signal: abort.signal });
    setTimeout(() => abort.abort(), 200);
    const startedAt = Date.now();
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect((await cpu.tabulate(SAMPLE_LAYERS)).cells).toHaveLength(SAMPLE_LAYERS.length);
  }, 60_000);
});
