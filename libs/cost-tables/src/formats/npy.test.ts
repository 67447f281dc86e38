import { SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { writeNpy } from '@bitwright/npy';
import { describe, expect, it } from 'vitest';
import type { LookupTable } from '../lookup-table.js';
import { formatTable } from '../parse-table.js';
import { type NpyTableOptions, parseNpyTable } from './npy.js';

const layers = SAMPLE_LAYERS.slice(0, 2);
const options: NpyTableOptions = { layers, batch: 16, counted: 'all' };
const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];

/** Cycles as HAQ stores them: int64 [layers][weight bits - 1][activation bits - 1]. */
function haqTable(cycles: (layer: number, weightBits: number, activationBits: number) => number): Uint8Array {
  const values = layers.flatMap((_, layer) =>
    EIGHT.flatMap((weight) => EIGHT.map((activation) => cycles(layer, weight, activation))),
  );
  const file = Buffer.from(writeNpy([layers.length, 8, 8], new Float64Array(values.length)));
  file.set(Buffer.from('<i8'), file.indexOf('<f8'));
  const data = BigInt64Array.from(values, BigInt);
  file.set(Buffer.from(data.buffer), file.length - 8 * values.length);
  return file;
}

const cyclesOf = (layer: number, weightBits: number, activationBits: number) =>
  1000 * (layer + 1) * weightBits * activationBits + activationBits;
const costAt = (table: LookupTable, layer: number, weightBits: number, activationBits: number) =>
  table.layers[layer]?.cells.find((cell) => cell.weightBits === weightBits && cell.activationBits === activationBits);

describe('an array of costs', () => {
  it('as HAQ stores it gives each layer of the network its cycles at a clock, by bits from 1', () => {
    const table = parseNpyTable(haqTable(cyclesOf), 'haq.npy', {
      ...options,
      clockMegahertz: 200,
      counted: 'without-first-and-last',
    });
    expect(table).toMatchObject({ counted: 'without-first-and-last', device: { clock: '200 MHz' } });
    expect(table.layers.map(({ kind, batch, name }) => [kind, batch, name])).toEqual(
      layers.map(({ kind, name }) => [kind, 16, name]),
    );
    for (const [layer, weightBits, activationBits] of [
      [0, 1, 1],
      [1, 8, 7],
      [1, 3, 8],
    ] as const) {
      const cell = costAt(table, layer, weightBits, activationBits);
      expect(cell?.latencyMs).toBe(cyclesOf(layer, weightBits, activationBits) / 200e3);
      expect(cell?.energyMj).toBeUndefined();
    }
  });

  it('in float64 is milliseconds, or cycles when a clock is given', () => {
    const bytes = writeNpy([2, 1, 2], Float64Array.of(1, 2, 3, 4));
    const bits = { weightBits: [8], activationBits: [4, 8] };
    expect(costAt(parseNpyTable(bytes, 'ms.npy', { ...options, ...bits }), 1, 8, 4)?.latencyMs).toBe(3);
    const cycles = parseNpyTable(bytes, 'cycles.npy', { ...options, ...bits, clockMegahertz: 2 });
    expect(costAt(cycles, 1, 8, 4)?.latencyMs).toBe(3 / 2000);
  });

  it.each<[string, Uint8Array, Partial<NpyTableOptions>, string]>([
    ['integers without a clock', haqTable(cyclesOf), {}, 'holds integers, which are cycles; give the clock in MHz'],
    ['a clock that stands still', haqTable(cyclesOf), { clockMegahertz: 0 }, 'clock: is 0 MHz; use a number above 0'],
    [
      '-1 cycles',
      haqTable((layer, w, a) => (layer === 1 && w === 8 && a === 7 ? -1 : 1)),
      { clockMegahertz: 200 },
      'haq.npy[1][7][6]: is -1; use a number, at least 0',
    ],
    ['NaN', writeNpy([2, 1, 1], Float64Array.of(1, Number.NaN)), {}, 'haq.npy[1][0][0]: is NaN'],
    [
      'an infinity',
      writeNpy([2, 1, 1], Float64Array.of(Number.POSITIVE_INFINITY, 1)),
      {},
      'haq.npy[0][0][0]: is Infinity',
    ],
    [
      'two axes',
      writeNpy([2, 8], new Float64Array(16)),
      {},
      'has shape (2, 8); use (layers, weight bits, activation bits)',
    ],
    ['an empty axis', writeNpy([2, 0, 8], new Float64Array(0)), {}, 'has shape (2, 0, 8)'],
    [
      'layers of another network',
      writeNpy([3, 1, 1], new Float64Array(3)),
      {},
      'has costs of 3 layers; the network has 2',
    ],
    [
      'more bits than there are',
      writeNpy([2, 9, 1], new Float64Array(18)),
      {},
      'has 9 weight bits (1, 2, 3, 4, 5, 6, 7, 8, 9); bits are from 1 to 8',
    ],
    [
      'bits that do not fit the axis',
      writeNpy([2, 1, 2], new Float64Array(4)),
      { activationBits: [4] },
      'has 2 activation bits; 1 were given (4)',
    ],
    [
      'cut data',
      haqTable(cyclesOf).subarray(0, 200),
      { clockMegahertz: 200 },
      'haq.npy: is truncated: 1024 bytes expected',
    ],
    ['another file', Buffer.from('index,name'), {}, 'haq.npy: is no NumPy array'],
  ])('is refused with %s', (_, bytes, more, message) => {
    const parse = () => parseNpyTable(bytes, 'haq.npy', { ...options, ...more });
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
  });

  it('has no holes: a table that lacks a pair for a layer is not written', () => {
    const table = parseNpyTable(writeNpy([2, 1, 2], Float64Array.of(1, 2, 3, 4)), 'ms.npy', options);
    const [first, second] = table.layers;
    const sparse = { ...table, layers: [first, { ...second, cells: second?.cells.slice(1) }] } as LookupTable;
    expect(() => formatTable(sparse, 'npy')).toThrow(
      'layer 1-depthwise has no cost at 1/1 bits, and an array has no holes',
    );
  });
});
