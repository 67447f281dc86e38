import type { BitwrightError } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { TABLE_LIMITS } from '../limits.js';
import { formatJsonTable, parseJsonTable, TABLE_SCHEMA } from './json.js';

/** The smallest table, as a person would write it. */
const small = () => ({
  schema: TABLE_SCHEMA,
  layers: [
    {
      ...{ name: 'fc', kind: 'fully-connected', batch: 1, inChannels: 64, outChannels: 10 },
      ...{ kernelHeight: 1, kernelWidth: 1, stride: 1, groups: 1 },
      ...{ inputHeight: 1, inputWidth: 1, outputHeight: 1, outputWidth: 1 },
      cells: [
        { weightBits: 8, activationBits: 8, latencyMs: 0.5 },
        { weightBits: 4, activationBits: 8, latencyMs: 0.25 },
      ],
    },
  ],
});

type Small = ReturnType<typeof small>;
type Layer = Small['layers'][number] & Record<string, unknown>;

function refusalOf(content: unknown): BitwrightError {
  try {
    parseJsonTable(typeof content === 'string' ? content : JSON.stringify(content), 'board.json');
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'COST_TABLE' });
    return error as BitwrightError;
  }
  throw new Error('the table was not refused');
}

/** The refusal of the small table, changed. */
function refusal(change: (layer: Layer, table: Small & Record<string, unknown>) => unknown): string {
  const table = small();
  change(table.layers[0] as Layer, table);
  return refusalOf(table).message;
}

describe('the JSON of a cost table', () => {
  it('needs only layers, bits and latencies; nothing that is left out becomes zero', () => {
    const table = parseJsonTable(JSON.stringify(small()), 'board.json');
    expect(table).toMatchObject({ source: undefined, device: {}, counted: 'all' });
    expect(table.layers[0]?.cells[1]).toEqual({
      ...{ weightBits: 4, activationBits: 8, executedWeightBits: 4, executedActivationBits: 8, latencyMs: 0.25 },
      ...{ energyMj: undefined, trafficBytes: undefined, bound: undefined, spreadMs: undefined },
    });
  });

  it('has a line for every cell, and no field for what is not known', () => {
    const lines = formatJsonTable(parseJsonTable(JSON.stringify(small()), 'board.json')).split('\n');
    expect(lines).toContain('      {"weightBits":8,"activationBits":8,"latencyMs":0.5},');
    expect(lines[1]).toBe('  "schema": "bitwright.cost-table/1",');
  });

  it('is of version 2 when it says how it was measured or checked, and of version 1 when not', () => {
    const comparison = {
      ...{ date: '2026-11-02', network: 'mobilenet-v2', runner: './run', policies: 20 },
      ...{ meanAbsoluteErrorPercent: 8, biasPercent: -7.5, rankCorrelation: 0.98 },
    };
    const table = { ...parseJsonTable(JSON.stringify(small()), 'board.json'), comparisons: [comparison] };
    const text = formatJsonTable(table);
    expect(text).toContain('"schema": "bitwright.cost-table/2"');
    expect(parseJsonTable(text, 'board.json')).toEqual(table);
    const wrong = text
      .replace('"rankCorrelation":0.98', '"rankCorrelation":1.2')
      .replace('"policies":20', '"policies":-1');
    expect(refusalOf(wrong).violations.map(({ field, description }) => `${field} ${description}`)).toEqual([
      expect.stringMatching(/comparisons\[0\]\.policies is -1; use an integer from 0/),
      'board.json: comparisons[0].rankCorrelation is 1.2; use a number from -1 to 1',
    ]);
  });

  it.each<[string, (layer: Layer, table: Small & Record<string, unknown>) => unknown, string]>([
    [
      'no schema',
      (_, table) => delete (table as { schema?: string }).schema,
      'schema: must be "bitwright.cost-table/1"',
    ],
    [
      'another version',
      (_, table) => (table.schema = 'bitwright.cost-table/3' as typeof TABLE_SCHEMA),
      'one of another version',
    ],
    ['an unknown key', (_, table) => (table['layerz'] = []), 'board.json: has an unknown key layerz'],
    [
      'an unknown key in a cell',
      (layer) => Object.assign(layer.cells[0] as object, { latencyUs: 1 }),
      'layers[0].cells[0]: has an unknown key latencyUs',
    ],
    ['no layers', (_, table) => (table.layers = []), 'board.json: has no layer'],
    ['no costs', (layer) => (layer.cells = []), 'layer 0 (fc): has no costs'],
    [
      'an unknown kind',
      (layer) => (layer.kind = 'spiral'),
      'layers[0].kind: is "spiral"; use convolution, pointwise, depthwise, fully-connected',
    ],
    ['no kind', (layer) => delete (layer as { kind?: string }).kind, 'layers[0].kind: is missing; use convolution'],
    ['a zero batch', (layer) => (layer.batch = 0), 'layers[0].batch: is 0; use an integer from 1 to 65536'],
    ['half a channel', (layer) => (layer.inChannels = 0.5), 'layers[0].inChannels: is 0.5; use an integer'],
    [
      'an absurd size',
      (layer) => (layer.outputHeight = 1e9),
      'layers[0].outputHeight: is 1000000000; use an integer from 1 to 1000000',
    ],
    ['text for a number', (layer) => (layer['stride'] = '1' as never), 'layers[0].stride: is "1"; use an integer'],
    [
      'groups that do not divide',
      (layer) => Object.assign(layer, { kind: 'convolution', groups: 3 }),
      'layer 0 (fc): shape.groups is 3, which does not divide 64 input and 10 output channels',
    ],
    [
      'more work than can be counted',
      (layer) => Object.assign(layer, { kind: 'pointwise', inChannels: 1e6, outChannels: 1e6, outputHeight: 1e6 }),
      'too many to count exactly',
    ],
    [
      'a pointwise layer with a kernel',
      (layer) => Object.assign(layer, { kind: 'pointwise', kernelHeight: 3 }),
      'is "pointwise" but has a kernel or groups',
    ],
    [
      'a depthwise layer of one group',
      (layer) => (layer.kind = 'depthwise'),
      'has not one group for each input channel',
    ],
    ['a fully connected layer with sizes', (layer) => (layer.inputHeight = 7), 'is "fully-connected" but has sizes'],
    ['a convolution that is pointwise', (layer) => (layer.kind = 'convolution'), 'that is "pointwise"'],
    [
      'a convolution that is depthwise',
      (layer) => Object.assign(layer, { kind: 'convolution', groups: 10, inChannels: 10 }),
      'that is "depthwise"',
    ],
    [
      'a negative latency',
      (layer) => Object.assign(layer.cells[1] as object, { latencyMs: -1 }),
      'layers[0].cells[1].latencyMs: is -1; use a number, at least 0',
    ],
    [
      'no latency',
      (layer) => delete (layer.cells[0] as { latencyMs?: number }).latencyMs,
      'layers[0].cells[0].latencyMs: is missing',
    ],
    [
      'null for a latency',
      (layer) => Object.assign(layer.cells[0] as object, { latencyMs: null }),
      'layers[0].cells[0].latencyMs: is null',
    ],
    [
      'a negative energy',
      (layer) => Object.assign(layer.cells[0] as object, { energyMj: -0.1 }),
      'layers[0].cells[0].energyMj: is -0.1',
    ],
    [
      '9 bits',
      (layer) => Object.assign(layer.cells[0] as object, { weightBits: 9 }),
      'layers[0].cells[0].weightBits: is 9; use an integer from 1 to 8',
    ],
    [
      '-1 bits',
      (layer) => Object.assign(layer.cells[0] as object, { activationBits: -1 }),
      'layers[0].cells[0].activationBits: is -1',
    ],
    [
      'an unknown bound',
      (layer) => Object.assign(layer.cells[0] as object, { bound: 'magic' }),
      'bound: is "magic"; use compute, memory, overhead',
    ],
    [
      'narrower bits than asked',
      (layer) => Object.assign(layer.cells[0] as object, { executedWeightBits: 4 }),
      'runs 8/8 bits as 4/8, which is narrower',
    ],
    [
      '16 executed bits',
      (layer) => Object.assign(layer.cells[0] as object, { executedWeightBits: 16 }),
      'executedWeightBits: is 16; use an integer from 1 to 8, or 32',
    ],
    [
      'a pair twice',
      (layer) => (layer.cells[1] = { ...(layer.cells[0] as Layer['cells'][number]) }),
      'layer 0 (fc): has two costs at 8/8 bits',
    ],
    [
      'an unknown way to count',
      (_, table) => (table['counted'] = 'some'),
      'counted: is "some"; use all, without-first-and-last',
    ],
    [
      'a number in the device record',
      (_, table) => (table['device'] = { threads: 4 }),
      'device.threads: is 4; use text',
    ],
    [
      'an endless device record',
      (_, table) => (table['device'] = Object.fromEntries(Array.from({ length: 33 }, (_entry, index) => [index, '']))),
      'device: has more than 32 entries',
    ],
    ['a name without end', (layer) => (layer.name = 'x'.repeat(257)), 'layers[0].name: is "xxx'],
  ])('is refused with %s, naming where', (_, change, message) => {
    expect(refusal(change)).toContain(message);
  });

  it('is refused as a whole when it is cut or is none', () => {
    const content = JSON.stringify(small());
    for (let length = 0; length < content.length; length += 1) {
      expect(refusalOf(content.slice(0, length)).message).toMatch(/^board\.json: (is no JSON|is )/);
    }
    expect(refusalOf('NaN').message).toContain('is no JSON');
    expect(refusalOf([]).message).toContain('board.json');
    expect(refusalOf(JSON.stringify(small()).replace('0.25', 'NaN')).message).toContain('is no JSON');
    expect(refusalOf(JSON.stringify(small()).replace('0.25', '1e999')).message).toContain('latencyMs: is Infinity');
  });

  it('gives a shape one cost: layers of equal shape may repeat it, not change it', () => {
    const { layers, ...rest } = small();
    const twin = { ...(layers[0] as Layer), name: 'twin' };
    expect(parseJsonTable(JSON.stringify({ ...rest, layers: [...layers, twin] }), 'board.json').layers).toHaveLength(2);
    const other = { ...twin, cells: [{ weightBits: 8, activationBits: 8, latencyMs: 0.6 }] };
    const { message, violations } = refusalOf({ ...rest, layers: [...layers, other] });
    expect(violations).toEqual([expect.objectContaining({ field: 'board.json, layer 1 (twin)' })]);
    expect(message).toContain(
      'costs 0.6 ms at 8/8 bits, layer 0 of the same shape (fully-connected 64 to 10) costs 0.5 ms',
    );
    const otherBatch = { ...other, batch: 2 };
    expect(parseJsonTable(JSON.stringify({ ...rest, layers: [...layers, otherBatch] }), 'x.json').layers).toHaveLength(
      2,
    );
  });

  it('is refused beyond its limits, with the first problems of many', () => {
    const { layers, ...rest } = small();
    const many = Array.from({ length: TABLE_LIMITS.layers + 1 }, () => layers[0]);
    expect(refusalOf({ ...rest, layers: many }).message).toContain('has 2001 layers; the limit is 2000');
    const cells = Array.from({ length: TABLE_LIMITS.cells + 1 }, () => 0);
    expect(refusalOf({ ...rest, layers: [{ ...layers[0], cells }] }).message).toContain(
      '128001 cells; the limit is 128000',
    );
    const bad = Array.from({ length: 30 }, () => ({ ...layers[0], batch: 0 }));
    const { violations } = refusalOf({ ...rest, layers: bad });
    expect(violations).toHaveLength(21);
    expect(violations.at(-1)).toEqual({ field: 'board.json', description: 'has 10 more such problems' });
  });
});
