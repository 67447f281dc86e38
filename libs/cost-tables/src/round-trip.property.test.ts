import { depthwiseLayer } from '@bitwright/hardware-kit/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNpyTable } from './formats/npy.js';
import type { LookupCell, LookupLayer, LookupTable } from './lookup-table.js';
import { formatTable, parseTable, type TableFormat } from './parse-table.js';
import { lookupLayer } from './to-lookup-table.js';

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const amount = fc.double({ min: 0, max: 1e18, noNaN: true });
const bits = fc.integer({ min: 1, max: 8 });
const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const awkwardName = fc.constantFrom(
  'a,b',
  'say "hi"',
  'two\nlines',
  ' padded ',
  '12',
  'true',
  '"',
  '\r\n',
  ';',
  "=1+1'",
);

const costs = fc.record({
  latencyMs: amount,
  energyMj: some(amount),
  trafficBytes: some(amount),
  bound: some(fc.constantFrom('compute', 'memory', 'overhead')),
  computeMs: some(amount),
  memoryMs: some(amount),
  overheadMs: some(amount),
  spreadMs: some(amount),
  interpolated: some(fc.constant(true)),
});

/** Bits that are run as they are asked for, or as 8 bit. */
const cell = fc.record({ weightBits: bits, activationBits: bits, cost: costs, widened: fc.boolean() }).map(
  ({ cost, widened, ...pair }): LookupCell => ({
    ...pair,
    ...cost,
    executedWeightBits: widened ? 8 : pair.weightBits,
    executedActivationBits: widened ? 32 : pair.activationBits,
  }),
);
const cells = fc.uniqueArray(cell, {
  minLength: 1,
  maxLength: 6,
  selector: ({ weightBits, activationBits }) => `${weightBits}/${activationBits}`,
});

/** Layers of different shapes, as a shape has one cost; all of one batch. */
const layers = fc
  .tuple(
    fc.integer({ min: 1, max: 65_536 }),
    fc.array(fc.record({ name: fc.oneof(name, awkwardName), cells }), { minLength: 3, maxLength: 6 }),
  )
  .map(([batch, made]): readonly LookupLayer[] =>
    made.map((layer, index) => ({
      ...lookupLayer(depthwiseLayer({ channels: index + 2, size: 7 }), batch, layer.cells),
      name: layer.name,
    })),
  );

const count = fc.nat();
const measurement = fc.record({
  ...{ startedAt: name, finishedAt: name, software: name, runner: name, network: name, repeats: count, warmUp: count },
  ...{ seed: count, samples: count, outliers: count, unsupportedCells: count, failedCells: count },
  fill: some(fc.record({ method: fc.constant('roofline' as const), cells: count, heldOutErrorPercent: amount })),
});
// JSON has no negative zero.
const positive = fc.double({ min: 0, max: 1e18, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const signed = positive.map((value) => value - 5e17);
const errors = {
  meanAbsoluteErrorPercent: amount,
  biasPercent: signed,
  rankCorrelation: some(share.map((value) => 2 * value - 1)),
};
const comparison = fc.record({
  ...{ date: name, network: name, runner: name, policies: count, ...errors },
  withConversions: some(fc.record(errors)),
});
const conversions = fc.record({
  constantMs: signed,
  quantizedMsPerMillion: amount,
  dequantizedMsPerMillion: amount,
  requantizedMsPerMillion: amount,
  joinedInFloatMsPerMillion: amount,
});

const key = fc.stringMatching(/^[a-z][a-z ]{0,10}$/);
const tables: fc.Arbitrary<LookupTable> = fc.record({
  source: some(
    fc.record({
      hardware: name,
      version: name,
      description: name,
      provenance: fc.constantFrom('simulated', 'measured', 'table'),
    }),
  ),
  device: fc.dictionary(key, name, { maxKeys: 4 }),
  measurement: some(measurement),
  comparisons: some(fc.array(comparison, { maxLength: 3 })),
  conversions: some(conversions),
  counted: fc.constantFrom('all', 'without-first-and-last'),
  layers,
});

const travel = (table: LookupTable, format: TableFormat) => parseTable(formatTable(table, format), `table.${format}`);

describe('a table is the same after it was written and read', () => {
  const check = (format: TableFormat, expected: (table: LookupTable) => LookupTable) =>
    fc.assert(
      fc.property(tables, (table) => {
        expect(travel(table, format)).toEqual(expected(table));
      }),
    );

  it('as JSON, with all that is known of it', () => check('json', (table) => table));

  it('as CSV, but for what its figures were taken from', () =>
    check('csv', (table) => ({
      ...{ ...table, source: undefined, device: {}, measurement: undefined, comparisons: undefined },
      conversions: undefined,
    })));

  it('as an array, with its latencies and nothing else', () => {
    const widths = fc.uniqueArray(bits, { minLength: 1 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        widths,
        widths,
        fc.integer({ min: 1, max: 4 }),
        amount,
        (weightBits, activationBits, count, first) => {
          const network = Array.from({ length: count }, (_, index) => depthwiseLayer({ channels: index + 2, size: 7 }));
          let latencyMs = first;
          const table: LookupTable = {
            ...{ source: undefined, device: {}, counted: 'all' },
            layers: network.map((layer) =>
              lookupLayer(
                layer,
                4,
                grid(weightBits, activationBits, () => (latencyMs /= 2)),
              ),
            ),
          };
          const options = { layers: network, batch: 4, counted: 'all', weightBits, activationBits } as const;
          expect(parseNpyTable(formatTable(table, 'npy'), 'table.npy', options)).toEqual(table);
        },
      ),
    );
  });
});

describe('a damaged table', () => {
  const layer = depthwiseLayer({ channels: 2, size: 7 });
  const cells = grid([4, 8], [8], () => 0.5);
  const table: LookupTable = {
    ...{ source: undefined, device: {}, counted: 'all' },
    layers: [lookupLayer(layer, 1, cells)],
  };
  const parsers = {
    json: (bytes: Uint8Array) => parseTable(bytes, 'table.json'),
    csv: (bytes: Uint8Array) => parseTable(bytes, 'table.csv'),
    npy: (bytes: Uint8Array) => parseNpyTable(bytes, 'table.npy', { layers: [layer], batch: 1, counted: 'all' }),
  };
  const isHarmless = ({ layers: [read] }: LookupTable) =>
    read?.cells.every(({ latencyMs }) => latencyMs >= 0 && Number.isFinite(latencyMs));

  it.each(['json', 'csv', 'npy'] as const)('is a whole table all the same or refused, never a crash: %s', (format) => {
    const whole = formatTable(table, format);
    const damage = fc.record({ place: fc.nat(whole.length - 1), byte: fc.nat(255), cut: fc.boolean() });
    let refusals = 0;
    fc.assert(
      fc.property(damage, ({ place, byte, cut }) => {
        const bytes = cut ? whole.slice(0, place) : whole.with(place, byte);
        try {
          expect(isHarmless(parsers[format](bytes))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid_argument' });
          refusals += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(refusals).toBeGreaterThan(100);
  });
});

function grid(weightBits: readonly number[], activationBits: readonly number[], latency: () => number): LookupCell[] {
  return weightBits.flatMap((weight) =>
    activationBits.map((activation) => ({
      ...{ weightBits: weight, activationBits: activation, latencyMs: latency(), energyMj: undefined },
      ...{
        trafficBytes: undefined,
        bound: undefined,
        computeMs: undefined,
        memoryMs: undefined,
        overheadMs: undefined,
      },
      ...{ executedWeightBits: weight, executedActivationBits: activation },
    })),
  );
}
