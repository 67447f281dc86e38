import { costOfPolicy, type HardwareFeedback, type Layer, type PrecisionPolicy, uniformPolicy } from '@bitwright/core';
import { parseNpyTable } from '@bitwright/cost-tables';
import { type Accelerator, createLocalHardware } from '@bitwright/hardware-kit';
import { createBitProductAccelerator, describeAccelerator, SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { writeNpy } from '@bitwright/npy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBismo } from '../bismo/model.js';
import { bismoCloud } from '../bismo/profiles/cloud.js';
import { bismoEdge } from '../bismo/profiles/edge.js';
import { open, ship, sparse, tableOf } from './sample-table.test-support.js';

const bitProduct = createBitProductAccelerator();

describeAccelerator(open(await tableOf(bitProduct, [1, 2])));
describeAccelerator(open(ship(await tableOf(createBismo(bismoEdge), [1, 2]), 'json')));
describeAccelerator(open(ship(await tableOf(createBismo(bismoCloud), [1, 2]), 'csv'), 'interpolate'));

async function evaluate(accelerator: Accelerator, policies: readonly PrecisionPolicy[]): Promise<HardwareFeedback[]> {
  const feedbacks: HardwareFeedback[] = [];
  for await (const feedback of createLocalHardware(accelerator).evaluate(SAMPLE_LAYERS, policies))
    feedbacks.push(feedback);
  return feedbacks;
}

const bits = fc.integer({ min: 1, max: 8 });
const anyPolicy = fc
  .array(fc.record({ weightBits: bits, activationBits: bits }), {
    minLength: SAMPLE_LAYERS.length,
    maxLength: SAMPLE_LAYERS.length,
  })
  .map((layers): PrecisionPolicy => ({ ...uniformPolicy(0, 8), layers }));

describe('a table that a simulator was shipped as', () => {
  it.each(['json', 'csv'] as const)('prices policies exactly as the simulator does, from %s', async (format) => {
    const simulator = createBismo(bismoCloud);
    const table = open(ship(await tableOf(simulator, [bismoCloud.defaultBatchImages]), format));
    await fc.assert(
      fc.asyncProperty(fc.array(anyPolicy, { minLength: 1, maxLength: 8 }), async (policies) => {
        const simulated = await evaluate(simulator, policies);
        expect(await evaluate(table, policies)).toEqual(
          simulated.map((feedback) => ({ ...feedback, hardware: 'board' })),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('says what it is: a table, whose figures, with a version that changes with any of them', async () => {
    const table = await tableOf(createBismo(bismoCloud), [16]);
    const { capabilities } = open(table);
    expect(capabilities).toMatchObject({
      ...{ name: 'board', provenance: 'table', metrics: ['latency', 'energy'], additive: true, validation: [] },
      ...{ defaultBatch: 16, maximumBatch: 16, defaultCounted: 'without-first-and-last' },
      description: expect.stringContaining('taken from bismo-cloud 1.0.0 (simulated): BISMO'),
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
    const [first, ...rest] = table.layers;
    const cells = first?.cells.map((cell) => ({ ...cell, latencyMs: cell.latencyMs + 1e-9 })) ?? [];
    const changed = { ...table, layers: [{ ...(first as (typeof rest)[number]), cells }, ...rest] };
    expect(open(changed).capabilities.version).not.toBe(capabilities.version);
    expect(open(table, 'interpolate').capabilities.version).toBe(`${capabilities.version}-interpolate`);
  });

  it('names what it was taken from without a version where a command measured and knows none', async () => {
    const table = await tableOf(bitProduct, [1]);
    const source = { hardware: 'board', version: '', description: 'the command x', provenance: 'measured' } as const;
    expect(open({ ...table, source }).capabilities.description).toContain('taken from board (measured): the command x');
  });

  it('tells how its figures were measured, in a few words', async () => {
    const table = await tableOf(bitProduct, [1]);
    const described = open({ ...table, device: { board: 'ZCU104', clock: '200 MHz' } }).capabilities.description;
    expect(described).toContain('; board ZCU104; clock 200 MHz');
    const device = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`${index}`, 'x'.repeat(256)]));
    expect(open({ ...table, device }).capabilities.description).toHaveLength(4096);
  });

  it('is not additive with conversions: a policy costs what lies between its layers, too', async () => {
    const plain = await tableOf(bitProduct, [1]);
    const conversions = {
      ...{ constantMs: 0.5, quantizedMsPerMillion: 100, dequantizedMsPerMillion: 7, requantizedMsPerMillion: 10 },
      joinedInFloatMsPerMillion: 1000,
    };
    const table = open({ ...plain, conversions });
    expect(table.capabilities).toMatchObject({ additive: false, description: expect.stringContaining('beyond their') });
    expect(table.capabilities.version).not.toBe(open(plain).capabilities.version);
    const even = uniformPolicy(SAMPLE_LAYERS.length, 8);
    const narrow = { weightBits: 8, activationBits: 4 };
    const uneven = { ...even, layers: even.layers.with(2, narrow) };
    const [sums, whole] = [await evaluate(open(plain), [even, uneven]), await evaluate(table, [even, uneven])];
    const millionsRead = (index: number) => {
      const { inChannels, inputHeight, inputWidth } = SAMPLE_LAYERS[index] as Layer;
      return (inChannels * inputHeight * inputWidth) / 1e6;
    };
    const beyond = whole.map(({ latencyMs }, index) => latencyMs - (sums[index]?.latencyMs as number));
    expect(beyond[0]).toBeCloseTo(0.5 + 100 * millionsRead(0), 9);
    expect(beyond[1]).toBeCloseTo((beyond[0] as number) + 10 * (millionsRead(2) + millionsRead(3)), 9);
    expect(whole[1]?.layers).toEqual(sums[1]?.layers);
  });

  it('knows energy and traffic only where the table does', async () => {
    const table = await tableOf(createBismo(bismoEdge), [1]);
    const layers = table.layers.map((layer, index) => ({
      ...layer,
      cells: layer.cells.map((cell) =>
        index === 3 ? { ...cell, energyMj: undefined, trafficBytes: undefined } : cell,
      ),
    }));
    const [feedback] = await evaluate(open({ ...table, layers }), [uniformPolicy(SAMPLE_LAYERS.length, 8)]);
    expect([feedback?.energyMj, feedback?.trafficBytes]).toEqual([undefined, undefined]);
    expect(feedback?.layers[2]?.energyMj).toBeGreaterThan(0);
    expect(open({ ...table, layers }).capabilities.metrics).toEqual(['latency']);
  });
});

const shape = SAMPLE_LAYERS[2] as Layer;
const unsupported = (reason: string, message: string) =>
  expect.objectContaining({ kind: 'unsupported', reason, message: expect.stringContaining(message) });

describe('what a table does not hold', () => {
  it('is refused, and in a whole network reported: the layer, the missing pair and those there are are named', async () => {
    const table = open(await sparse((weightBits, activationBits) => weightBits === 4 && activationBits > 2));
    const missing = unsupported(
      'PRECISION_NOT_IN_TABLE',
      'board has no cost at 4-bit weights and 8-bit activations for this layer, only at 2/2, 2/4, 2/6, 2/8, 4/2, 6/2,',
    );
    expect(() => table.layerCost(shape, 4, 8, 1)).toThrow(missing);
    expect(table.layerCost(SAMPLE_LAYERS[1] as Layer, 4, 8, 1).latencyMs).toBeGreaterThan(0);
    const { cells, failures } = await createLocalHardware(table).tabulate(SAMPLE_LAYERS);
    const reported = { layer: 2, message: expect.stringMatching(/^layer 2 \(2-pointwise\): board has no cost/) };
    expect(failures).toEqual([reported]);
    expect(cells.flat(2).filter((cell) => cell === undefined)).toHaveLength(3);
    expect(cells[2]?.[1]?.[0]).toBeDefined();
  });

  it('is refused for bits that no cell has, -1 among them', async () => {
    const table = open(await sparse(() => false), 'interpolate');
    expect(table.capabilities.weightBits).toEqual([2, 4, 6, 8]);
    for (const odd of [-1, 0, 1, 3, 9]) {
      expect(() => table.layerCost(shape, odd, 8, 1)).toThrow(
        unsupported('PRECISION_UNSUPPORTED', `${odd}-bit weights`),
      );
      expect(() => table.layerCost(shape, 8, odd, 1)).toThrow(
        unsupported('PRECISION_UNSUPPORTED', `${odd}-bit activations`),
      );
    }
  });

  it('is refused for other shapes and batches, whatever is done about bits', async () => {
    const table = open(await tableOf(bitProduct, [1, 4]), 'interpolate');
    const other = { ...shape, outChannels: 54 };
    expect(() => table.layerCost(other, 8, 8, 1)).toThrow(
      unsupported(
        'LAYER_NOT_IN_TABLE',
        'no cost of pointwise 32 to 54 channels, 32x32 to 32x32, kernel 1x1, stride 1, groups 1 at batch 1',
      ),
    );
    expect(() => table.layerCost(shape, 8, 8, 2)).toThrow(
      unsupported('LAYER_NOT_IN_TABLE', 'at batch 2; it has batch 1, 4'),
    );
    await expect(createLocalHardware(table).tabulate(SAMPLE_LAYERS, { batch: 5 })).rejects.toMatchObject({
      kind: 'invalid_argument',
    });
  });
});

describe("HAQ's table", () => {
  /** Cycles [layer][weight bits - 1][activation bits - 1], as HAQ's, made up. */
  const cycles = (layer: number, w: number, a: number) => 100 * (layer + 1) + 10 * w * a + a;
  const values = SAMPLE_LAYERS.flatMap((_, layer) =>
    Array.from({ length: 64 }, (__, pair) => cycles(layer, Math.floor(pair / 8) + 1, (pair % 8) + 1)),
  );
  const bytes = writeNpy([SAMPLE_LAYERS.length, 8, 8], Float64Array.from(values));
  const table = open(
    parseNpyTable(bytes, 'haq.npy', { layers: SAMPLE_LAYERS, batch: 16, counted: 'all', clockMegahertz: 200 }),
  );
  const policyOf = (firstActivationBits: number): PrecisionPolicy => ({
    ...uniformPolicy(0, 8),
    layers: SAMPLE_LAYERS.map((_, index) => ({
      weightBits: index === 0 ? 8 : 3,
      activationBits: index === 0 ? firstActivationBits : 5,
    })),
  });

  it.each([
    ['8 bits: what it means', 8],
    ['7 bits: what its code reads', 7],
  ])(
    "costs what adding up by hand gives, with -1 for the first layer's input as %s",
    async (_, firstActivationBits) => {
      const costs = await createLocalHardware(table).tabulate(SAMPLE_LAYERS);
      const byHand = SAMPLE_LAYERS.reduce(
        (sum, __, layer) => sum + (layer === 0 ? cycles(0, 8, firstActivationBits) : cycles(layer, 3, 5)),
        0,
      );
      expect(costOfPolicy(SAMPLE_LAYERS, costs, policyOf(firstActivationBits)).latencyMs).toBeCloseTo(
        byHand / 200e3,
        12,
      );
    },
  );

  it('never takes -1 for a place', async () => {
    const costs = await createLocalHardware(table).tabulate(SAMPLE_LAYERS);
    expect(() => costOfPolicy(SAMPLE_LAYERS, costs, policyOf(-1))).toThrow(
      unsupported('PRECISION_UNSUPPORTED', 'layer 0 at 8-bit'),
    );
    expect(() => table.layerCost(SAMPLE_LAYERS[0] as Layer, 8, -1, 16)).toThrow(
      unsupported('PRECISION_UNSUPPORTED', '-1-bit'),
    );
  });
});
