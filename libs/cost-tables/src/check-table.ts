import type { FieldViolation } from '@bitwright/core';
import { describeShape, layerShapeKey, layerViolations } from '@bitwright/hardware-kit';
import { TABLE_LIMITS } from './limits.js';
import type { LookupCell, LookupLayer, LookupTable } from './lookup-table.js';
import { refuseTable, throwProblems } from './refusals.js';

/**
 * The table, if it is one: layers that hardware could run, each with costs, none of them given twice or in two ways.
 * Throws one `invalid_argument` that names `file`, the layers and the pairs of bits that are wrong.
 */
export function checkTable(table: LookupTable, file: string): LookupTable {
  const { layers } = table;
  assertSize(layers, file);
  const placeOf = (index: number) => `${file}, layer ${index} (${layers[index]?.name})`;
  throwProblems(
    layers.flatMap((layer, index) => problemsOfLayer(layer, placeOf(index))),
    file,
  );
  throwProblems(contradictions(layers, placeOf), file);
  return table;
}

/** Throws `invalid_argument` for a table without layers and for one beyond the limits. */
export function assertSize(layers: readonly { readonly cells?: unknown }[], file: string): void {
  const cells = layers.reduce((sum, layer) => sum + (Array.isArray(layer?.cells) ? layer.cells.length : 0), 0);
  if (layers.length === 0) throw refuseTable(file, 'has no layer');
  if (layers.length > TABLE_LIMITS.layers)
    throw refuseTable(file, `has ${layers.length} layers; the limit is ${TABLE_LIMITS.layers}`);
  if (cells > TABLE_LIMITS.cells) throw refuseTable(file, `has ${cells} cells; the limit is ${TABLE_LIMITS.cells}`);
}

function problemsOfLayer(layer: LookupLayer, place: string): readonly FieldViolation[] {
  const descriptions = [
    ...layerViolations(layer, layer.batch, 'shape').map(({ field, description }) => `${field} ${description}`),
    ...kindProblems(layer),
    ...(layer.cells.length === 0 ? ['has no costs'] : []),
    ...cellProblems(layer.cells),
  ];
  return descriptions.map((description) => ({ field: place, description }));
}

/** A kind that its shape denies would never be found: networks name kinds by shape. */
function kindProblems(layer: LookupLayer): readonly string[] {
  const { kind, inChannels, groups, kernelHeight, kernelWidth, stride } = layer;
  const isDense = kernelHeight * kernelWidth === 1 && groups === 1;
  const isPoint = layer.inputHeight * layer.inputWidth * layer.outputHeight * layer.outputWidth === 1;
  switch (kind) {
    case 'pointwise':
      return isDense ? [] : ['is "pointwise" but has a kernel or groups; use kernel 1x1 and 1 group'];
    case 'depthwise':
      return groups > 1 && groups === inChannels ? [] : ['is "depthwise" but has not one group for each input channel'];
    case 'fully-connected':
      return isDense && stride === 1 && isPoint ? [] : ['is "fully-connected" but has sizes; use 1 for each of them'];
    case 'convolution':
      if (isDense) return ['is "convolution" with kernel 1x1 and 1 group; that is "pointwise"'];
      return groups > 1 && groups === inChannels
        ? ['is "convolution" with a group for each channel; that is "depthwise"']
        : [];
  }
}

const pairText = ({ weightBits, activationBits }: LookupCell) => `${weightBits}/${activationBits} bits`;
const pairNumber = ({ weightBits, activationBits }: LookupCell) => 100 * weightBits + activationBits;

function cellProblems(cells: readonly LookupCell[]): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<number>();
  for (const cell of cells) {
    const { executedWeightBits: weightBits, executedActivationBits: activationBits } = cell;
    if (seen.has(pairNumber(cell))) problems.push(`has two costs at ${pairText(cell)} (weights/activations)`);
    if (weightBits < cell.weightBits || activationBits < cell.activationBits)
      problems.push(`runs ${pairText(cell)} as ${weightBits}/${activationBits}, which is narrower`);
    seen.add(pairNumber(cell));
  }
  return problems;
}

type Place = { readonly cell: LookupCell; readonly index: number };

/** Layers of one shape and batch whose costs differ: a shape has one cost. */
function contradictions(layers: readonly LookupLayer[], placeOf: (index: number) => string): readonly FieldViolation[] {
  const shapes = new Map<string, Map<number, Place>>();
  const problems: FieldViolation[] = [];
  layers.forEach((layer, index) => {
    const key = `${layer.batch};${layerShapeKey(layer)}`;
    const pairs = shapes.get(key) ?? new Map<number, Place>();
    shapes.set(key, pairs);
    for (const cell of layer.cells) {
      const first = pairs.get(pairNumber(cell));
      if (first === undefined) pairs.set(pairNumber(cell), { cell, index });
      else if (JSON.stringify(first.cell) !== JSON.stringify(cell))
        problems.push(contradiction(layer, cell, placeOf(index), first));
    }
  });
  return problems;
}

function contradiction(layer: LookupLayer, cell: LookupCell, field: string, first: Place): FieldViolation {
  const here = `costs ${cell.latencyMs} ms at ${pairText(cell)}`;
  const there = `layer ${first.index} of the same shape (${describeShape(layer)}) costs ${first.cell.latencyMs} ms`;
  return {
    field,
    description: `${here}, ${there}, or differs in another figure; a shape has one cost: keep one, or their mean`,
  };
}
