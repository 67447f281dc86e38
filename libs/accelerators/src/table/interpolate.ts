import { FLOAT_BITS, type LayerCost } from '@bitwright/core';
import type { LookupCell } from '@bitwright/cost-tables';

/** Figures that are interpolated; what a layer waits for and how its measurements spread are not known in between. */
const FIGURES = ['latencyMs', 'energyMj', 'trafficBytes', 'computeMs', 'memoryMs', 'overheadMs'] as const;
type Figures = { readonly [Figure in (typeof FIGURES)[number]]: number | undefined };

type Axis = 'weightBits' | 'activationBits';

/**
 * A guess for a pair of bits between others: linear in the bits along one axis where the table has a neighbour on either
 * side (the mean of both axes where both have), else along both, between the four corners of the smallest rectangle.
 * Undefined where that would mean to go beyond the table. Exact for costs that are products of the bits. Float is another
 * kernel and no wider integer: nothing lies between it and 8 bits.
 */
export function interpolateCost(
  cells: readonly LookupCell[],
  weightBits: number,
  activationBits: number,
): LayerCost | undefined {
  const row = cells.filter((cell) => cell.weightBits === weightBits);
  const column = cells.filter((cell) => cell.activationBits === activationBits);
  const lines = [between(row, 'activationBits', activationBits), between(column, 'weightBits', weightBits)];
  const known = lines.filter((line) => line !== undefined);
  const figures = known.length > 0 ? meanOf(known) : insideRectangle(cells, weightBits, activationBits);
  if (figures?.latencyMs === undefined) return undefined;
  const executed = { executedWeightBits: weightBits, executedActivationBits: activationBits };
  return { ...figures, latencyMs: figures.latencyMs, bound: undefined, ...executed, interpolated: true };
}

/** On the line between the nearest cells on either side. */
function between(cells: readonly LookupCell[], axis: Axis, bits: number): Figures | undefined {
  const below = nearest(cells, axis, (width) => width < bits, bits);
  const above = nearest(cells, axis, (width) => width > bits, bits);
  if (below === undefined || above === undefined) return undefined;
  return mix(below, above, (bits - below[axis]) / (above[axis] - below[axis]));
}

function nearest(cells: readonly LookupCell[], axis: Axis, isOnSide: (width: number) => boolean, bits: number) {
  const distance = (cell: LookupCell) => Math.abs(cell[axis] - bits);
  const onSide = cells.filter((cell) => cell[axis] !== FLOAT_BITS && isOnSide(cell[axis]));
  return onSide.sort((a, b) => distance(a) - distance(b))[0];
}

/** Between the corners of the smallest rectangle of cells around the pair. */
function insideRectangle(
  cells: readonly LookupCell[],
  weightBits: number,
  activationBits: number,
): Figures | undefined {
  const at = (weight: number, activation: number) =>
    cells.find((cell) => cell.weightBits === weight && cell.activationBits === activation);
  const integers = cells.filter((cell) => cell.weightBits !== FLOAT_BITS && cell.activationBits !== FLOAT_BITS);
  const rectangles = integers
    .filter((low) => low.weightBits < weightBits && low.activationBits < activationBits)
    .flatMap((low) =>
      integers
        .filter((high) => high.weightBits > weightBits && high.activationBits > activationBits)
        .map((high) => ({
          low,
          high,
          lowHigh: at(low.weightBits, high.activationBits),
          highLow: at(high.weightBits, low.activationBits),
        })),
    )
    .sort((a, b) => areaOf(a) - areaOf(b));
  for (const { low, high, lowHigh, highLow } of rectangles) {
    if (lowHigh === undefined || highLow === undefined) continue;
    const share = (activationBits - low.activationBits) / (high.activationBits - low.activationBits);
    const [narrow, wide] = [mix(low, lowHigh, share), mix(highLow, high, share)];
    return mix(narrow, wide, (weightBits - low.weightBits) / (high.weightBits - low.weightBits));
  }
  return undefined;
}

const areaOf = ({ low, high }: { readonly low: LookupCell; readonly high: LookupCell }) =>
  (high.weightBits - low.weightBits) * (high.activationBits - low.activationBits);

/** Part of the way from one to the other; a figure that one of them lacks stays unknown. */
function mix(from: Figures, to: Figures, share: number): Figures {
  return figuresOf((figure) => {
    const [start, end] = [from[figure], to[figure]];
    return start === undefined || end === undefined ? undefined : start + (end - start) * share;
  });
}

const meanOf = ([first, second]: readonly Figures[]): Figures | undefined =>
  first === undefined || second === undefined ? first : mix(first, second, 0.5);

function figuresOf(figureOf: (figure: keyof Figures) => number | undefined): Figures {
  return Object.fromEntries(FIGURES.map((figure) => [figure, figureOf(figure)])) as Figures;
}
