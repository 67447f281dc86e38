import { BitwrightError, type LayerPrecision } from '@bitwright/core';
import { type LookupCell, type LookupLayer, type LookupTable, lookupLayer } from '@bitwright/cost-tables';
import { layerShapeKey } from '@bitwright/hardware-kit';
import type { MeasuredTable, MissingCell } from '../assemble-table.js';
import { type PlannedShape, pairText, type TablePlan } from '../plan-table.js';
import { fitRoofline, type Observation } from './fit-roofline.js';
import { heldOutErrorPercent, type ShapeObservations } from './held-out-error.js';
import { predictMs, type Roofline, type Work, workOf } from './roofline.js';

/** Below these nothing is guessed: shapes measured in all, shapes measured at the pair, shapes measured of the kind. */
const FEWEST_SHAPES = 6;
const FEWEST_SHAPES_OF_PAIR = 3;
const FEWEST_SHAPES_OF_KIND = 3;

/**
 * The table with guesses where a measurement failed, marked as such: a roofline that is fitted to the cells that are there.
 * What the device cannot run stays missing, and so does what lies beyond the measured sizes of its kind: nothing is
 * extrapolated. Throws `failed_precondition` `FILL_TOO_FEW` when too little was measured to fit.
 */
export function fillTable(measured: MeasuredTable, plan: TablePlan, seed: number): MeasuredTable {
  const failed = measured.missing.filter(({ why }) => why === 'failed');
  const { measurement } = measured.table;
  if (failed.length === 0 || measurement === undefined) return measured;
  const shapes = observe(measured.table, plan);
  const error = shapes.length < FEWEST_SHAPES ? undefined : heldOutErrorPercent(shapes, seed);
  if (error === undefined) throw tooFew(shapes.length);
  const guess = createGuesser(fitRoofline(shapes.flat()), shapes);
  const guesses = new Map<MissingCell, number>();
  for (const cell of failed) {
    const shape = plan.shapes.find(({ layer }) => layer.name === cell.layers[0]) as PlannedShape;
    const latencyMs = guess(workOf(shape.layer, cell, plan.batch));
    if (latencyMs !== undefined) guesses.set(cell, latencyMs);
  }
  const fill = { method: 'roofline', cells: guesses.size, heldOutErrorPercent: error } as const;
  const failedCells = measurement.failedCells - guesses.size;
  const layers = withGuesses(measured.table, plan, guesses);
  return {
    table: { ...measured.table, measurement: { ...measurement, failedCells, fill }, layers },
    missing: measured.missing.filter((cell) => !guesses.has(cell)),
  };
}

/** The measured cells, by shape. Times of 0 have no logarithm. */
function observe({ layers }: LookupTable, { shapes, batch }: TablePlan): readonly ShapeObservations[] {
  const cellsOf = new Map(layers.map((layer) => [layerShapeKey(layer), layer.cells]));
  return shapes
    .map(({ key, layer }) =>
      (cellsOf.get(key) ?? [])
        .filter(({ latencyMs, interpolated }) => latencyMs > 0 && interpolated !== true)
        .map((cell): Observation => ({ ...workOf(layer, cell, batch), latencyMs: cell.latencyMs })),
    )
    .filter((observations) => observations.length > 0);
}

/** Undefined for what was measured too rarely, or only smaller or larger. */
function createGuesser(roofline: Roofline, shapes: readonly ShapeObservations[]): (work: Work) => number | undefined {
  const seen = shapes.flat();
  const shapesWith = (isWanted: (seen: Observation) => boolean) =>
    shapes.filter((shape) => shape.some(isWanted)).length;
  const isWithin = (work: Work, key: 'macs' | 'bytes') => {
    const sizes = seen.filter(({ kind }) => kind === work.kind).map((observation) => observation[key]);
    return work[key] >= Math.min(...sizes) && work[key] <= Math.max(...sizes);
  };
  return (work) => {
    if (shapesWith(({ pair }) => pair === work.pair) < FEWEST_SHAPES_OF_PAIR) return undefined;
    if (shapesWith(({ kind }) => kind === work.kind) < FEWEST_SHAPES_OF_KIND) return undefined;
    return isWithin(work, 'macs') && isWithin(work, 'bytes') ? predictMs(roofline, work) : undefined;
  };
}

/** Every layer of the network again, the cells of each in the plan's order. */
function withGuesses(
  table: LookupTable,
  { layers, shapes, batch }: TablePlan,
  guesses: ReadonlyMap<MissingCell, number>,
): readonly LookupLayer[] {
  const measuredOf = new Map(table.layers.map((layer) => [layerShapeKey(layer), layer.cells]));
  const guessed = [...guesses].flatMap(([cell, latencyMs]) => cell.layers.map((name) => ({ name, cell, latencyMs })));
  const cellsOf = new Map(
    shapes.map(({ key, layer, pairs }) => {
      const found = [
        ...(measuredOf.get(key) ?? []),
        ...guessed.filter(({ name }) => name === layer.name).map(({ cell, latencyMs }) => toGuess(cell, latencyMs)),
      ];
      return [key, pairs.flatMap((pair) => found.filter((cell) => pairText(cell) === pairText(pair)))] as const;
    }),
  );
  return layers.flatMap((layer) => {
    const cells = cellsOf.get(layerShapeKey(layer)) ?? [];
    return cells.length === 0 ? [] : [lookupLayer(layer, batch, cells)];
  });
}

function toGuess({ weightBits, activationBits }: LayerPrecision, latencyMs: number): LookupCell {
  return {
    ...{ weightBits, activationBits, latencyMs, energyMj: undefined, trafficBytes: undefined, bound: undefined },
    ...{ computeMs: undefined, memoryMs: undefined, overheadMs: undefined },
    ...{ executedWeightBits: weightBits, executedActivationBits: activationBits, interpolated: true },
  };
}

function tooFew(shapes: number): BitwrightError {
  const message = `a roofline for the cells that could not be measured needs at least ${FEWEST_SHAPES} measured layer shapes, and pairs of bits and kinds that several of them share; there are ${shapes}. Without --fill the table is written with holes`;
  return new BitwrightError('failed_precondition', 'FILL_TOO_FEW', message);
}
