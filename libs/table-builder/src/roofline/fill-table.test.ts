import type { Layer, LayerPrecision } from '@bitwright/core';
import { formatTable, parseTable } from '@bitwright/cost-tables';
import { convolutionLayer, depthwiseLayer, fullyConnectedLayer } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { assembleTable } from '../assemble-table.js';
import { createCellRecords } from '../cell-records.js';
import { gridOf, pairText, planTable } from '../plan-table.js';
import { fillTable } from './fill-table.js';
import { workOf } from './roofline.js';

/** Layers of growing size, three of each kind and more. */
const LAYERS: readonly Layer[] = [
  ...[16, 32, 64, 96, 128].map((channels) =>
    convolutionLayer({ inChannels: channels, outChannels: channels, size: 28 }),
  ),
  ...[16, 48, 96, 192].map((channels) => depthwiseLayer({ channels, size: 28 })),
  ...[8, 16, 24].map((channels) => convolutionLayer({ inChannels: channels, outChannels: 32, size: 28, kernel: 3 })),
  fullyConnectedLayer(1280, 1000),
].map((layer, index) => ({ ...layer, index, name: `${index}-${layer.kind}` }));

const plan = planTable(LAYERS, 1, () => gridOf([4, 8], [4, 8]));

/** A device that is a roofline: depthwise layers run at a tenth, 20 GB/s, 20 us to start. */
function timeOf(layer: Layer, pair: LayerPrecision): number {
  const { macs, bytes } = workOf(layer, pair, 1);
  const perMac = 1e-8 * (pair.weightBits + pair.activationBits) * (layer.kind === 'depthwise' ? 10 : 1);
  return Math.max(macs * perMac, bytes / 2e7) + 0.02;
}

/** The table of that device, where it answers; `noise` is a factor. */
function measure(answers: (layer: Layer, pair: LayerPrecision) => 'measured' | 'failed' | 'unsupported', noise = 0) {
  const records = createCellRecords();
  plan.shapes.forEach(({ key, layer, pairs }, index) => {
    pairs.forEach((pair, at) => {
      const factor = 1 + noise * Math.sin(31 * index + 17 * at);
      const outcome = answers(layer, pair);
      if (outcome === 'measured')
        records.add(key, pair, { outcome, samplesMs: [timeOf(layer, pair) * factor], figures: {} });
      else records.add(key, pair, { outcome, reason: 'none' });
    });
  });
  return assembleTable({
    ...{ plan, records, effort: { repeats: 1, warmUp: 0, retries: 0 }, counted: 'all' },
    description: { name: 'toy', version: '', description: '', provenance: 'measured', device: {} },
    record: { startedAt: '', finishedAt: '', runner: 'toy', network: 'toy', seed: 1 },
  });
}

const isLost = (layer: Layer, { weightBits, activationBits }: LayerPrecision) =>
  ['2-pointwise', '6-depthwise'].includes(layer.name) && weightBits === 4 && activationBits === 8;

describe('guesses for cells that could not be measured', () => {
  const measured = measure((layer, pair) => (isLost(layer, pair) ? 'failed' : 'measured'));
  const { table, missing } = fillTable(measured, plan, 1);

  it('are near to the truth where the device is a roofline, and so is the error that is told', () => {
    const guesses = table.layers.flatMap(({ name, cells }) =>
      cells.filter(({ interpolated }) => interpolated === true).map((cell) => ({ name, cell })),
    );
    expect(guesses.map(({ name, cell }) => `${name} ${pairText(cell)}`)).toEqual([
      '2-pointwise 4/8',
      '6-depthwise 4/8',
    ]);
    for (const { name, cell } of guesses) {
      const truth = timeOf(LAYERS.find((layer) => layer.name === name) as Layer, cell);
      expect(Math.abs(cell.latencyMs / truth - 1)).toBeLessThan(0.05);
    }
    expect(table.measurement).toMatchObject({ failedCells: 0, fill: { method: 'roofline', cells: 2 } });
    expect(table.measurement?.fill?.heldOutErrorPercent).toBeLessThan(5);
    expect(missing).toEqual([]);
  });

  it('are marked in the file, and nothing else is changed', () => {
    expect(parseTable(formatTable(table, 'json'), 'board.json')).toEqual(table);
    const real = table.layers.flatMap(({ cells }) => cells.filter(({ interpolated }) => interpolated !== true));
    expect(real).toEqual(measured.table.layers.flatMap(({ cells }) => cells));
  });

  it('are as bad as is told where the device is noisy', () => {
    const noisy = measure((layer, pair) => (isLost(layer, pair) ? 'failed' : 'measured'), 0.4);
    const error = fillTable(noisy, plan, 1).table.measurement?.fill?.heldOutErrorPercent ?? 0;
    expect(error).toBeGreaterThan(10);
    expect(error).toBeLessThan(100);
  });

  it('are not made for what the device cannot run', () => {
    const without = measure((layer, pair) => (isLost(layer, pair) ? 'unsupported' : 'measured'));
    expect(fillTable(without, plan, 1)).toBe(without);
  });

  it('are not made beyond the sizes that were measured, nor for kinds and pairs that hardly were', () => {
    const isBeyond = ({ name }: Layer) => ['4-pointwise', '9-convolution', '12-fully-connected'].includes(name);
    const partly = measure((layer, pair) => (isBeyond(layer) ? 'failed' : isLost(layer, pair) ? 'failed' : 'measured'));
    const filled = fillTable(partly, plan, 1);
    const left = new Set(filled.missing.flatMap(({ layers }) => layers));
    expect(left).toEqual(new Set(['4-pointwise', '9-convolution', '12-fully-connected']));
    expect(filled.table.measurement).toMatchObject({ failedCells: 12, fill: { cells: 2 } });
  });

  it('are refused where too little was measured', () => {
    const few = measure(({ index }) => (index < 5 ? 'measured' : 'failed'));
    expect(() => fillTable(few, plan, 1)).toThrow(
      expect.objectContaining({ kind: 'failed_precondition', reason: 'FILL_TOO_FEW' }),
    );
  });
});
