import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveLayers, type Layer } from '../network/layers.js';
import type { CostTable, LayerCost } from './cost-table.js';
import { toCostTableCsv } from './cost-table-csv.js';

const layers = layersNamed('stem', 'head');

function layersNamed(...names: string[]): readonly Layer[] {
  const output = { height: 1, width: 1, channels: 4 };
  const operation = { kind: 'fully-connected', outFeatures: 4, bias: false } as const;
  const nodes = names.map((id, index) => ({ id, operation, inputs: [names[index - 1] ?? 'input'], output }));
  const input = { id: 'input', operation: { kind: 'input' }, inputs: [], output } as const;
  return deriveLayers({ name: 'test', input: output, classes: 4, nodes: [input, ...nodes] });
}

function cost(latencyMs: number, energyMj: number | undefined): LayerCost {
  const parts = { computeMs: latencyMs, memoryMs: 0, overheadMs: 0 };
  const executed = { executedWeightBits: 8, executedActivationBits: 8 };
  return { latencyMs, energyMj, trafficBytes: 64, bound: 'compute', ...parts, ...executed };
}

function tableOf(cells: readonly (readonly (readonly LayerCost[])[])[]): CostTable {
  const counted = cells.map(() => true);
  return {
    hardware: 'test',
    batch: 1,
    weightBits: [4, 8],
    activationBits: [8],
    counted,
    provenance: 'simulated',
    cells,
  };
}

const cells = [
  [[cost(0.25, 1.5)], [cost(0.5, 3)]],
  [[cost(0.1, undefined)], [cost(1e-7, undefined)]],
];

describe('a cost table as CSV', () => {
  it('has a header, then a line for every layer and pair of bits; unknown energy is empty', () => {
    expect(toCostTableCsv(tableOf(cells), layers)).toBe(
      [
        'index,name,kind,weight_bits,activation_bits,latency_ms,energy_mj,traffic_bytes,bound',
        '0,stem,fully-connected,4,8,0.25,1.5,64,compute',
        '0,stem,fully-connected,8,8,0.5,3,64,compute',
        '1,head,fully-connected,4,8,0.1,,64,compute',
        '1,head,fully-connected,8,8,1e-7,,64,compute',
        '',
      ].join('\n'),
    );
  });

  it('holds layers that do not count too', () => {
    const table = { ...tableOf(cells), counted: [false, true] };
    expect(toCostTableCsv(table, layers).split('\n')).toHaveLength(6);
  });

  it('quotes names with commas, quotes and line breaks', () => {
    const csv = toCostTableCsv(tableOf(cells), layersNamed('a,b', 'say "hi"\nthere'));
    expect(csv).toContain('0,"a,b",fully-connected,4,8,');
    expect(csv).toContain('1,"say ""hi""\nthere",fully-connected,4,8,');
  });

  it('refuses layers of another network', () => {
    expect(() => toCostTableCsv(tableOf(cells), layers.slice(1))).toThrowError(
      expect.objectContaining({ kind: 'invalid_argument' }),
    );
  });

  it('writes every latency so that it reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (latencyMs) => {
        const csv = toCostTableCsv(tableOf([[[cost(latencyMs, undefined)]]]), layersNamed('only'));
        expect(Number(csv.split('\n')[1]?.split(',')[5])).toBe(latencyMs);
      }),
    );
  });
});
