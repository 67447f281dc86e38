import type { LookupTable, TableMeasurement } from '@bitwright/cost-tables';
import { type MissingCell, pairText } from '@bitwright/table-builder';
import pc from 'picocolors';

/** What came of a build, for people. */
export function buildText(table: LookupTable, missing: readonly MissingCell[]): string {
  const { measurement } = table;
  if (measurement === undefined) return '';
  return [
    samplesText(measurement),
    ...spreadText(table),
    ...missingText(missing, 'unsupported', 'cannot be run'),
    ...missingText(missing, 'failed', 'could not be measured'),
    ...fillText(measurement),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function samplesText({ samples, outliers, repeats, warmUp }: TableMeasurement): string {
  const left = outliers === 0 ? '' : `, ${outliers} outliers left out`;
  const warm = warmUp === 0 ? '' : ` after ${warmUp} to warm up`;
  return `${samples} samples count${left}; ${repeats} a cell${warm}`;
}

/** How steady the device was: the middle cell and the worst one. */
function spreadText({ layers }: LookupTable): readonly string[] {
  const spreads = layers
    .flatMap(({ name, cells }) => cells.map((cell) => ({ name, cell })))
    .flatMap(({ name, cell }) =>
      cell.spreadMs === undefined || cell.latencyMs === 0
        ? []
        : [{ where: `${name} at ${pairText(cell)} bits`, percent: (100 * cell.spreadMs) / cell.latencyMs }],
    )
    .sort((a, b) => a.percent - b.percent);
  const [middle, widest] = [spreads[Math.floor(spreads.length / 2)], spreads.at(-1)];
  if (middle === undefined || widest === undefined) return [];
  const text = `${middle.percent.toFixed(1)} % of the time in the middle, ${widest.percent.toFixed(1)} % at most`;
  return [`spread (interquartile range): ${text} (${widest.where})`];
}

/** Cells of one reason that are listed one by one. */
const MOST_LISTED = 10;

function missingText(missing: readonly MissingCell[], why: MissingCell['why'], what: string): readonly string[] {
  const cells = missing.filter((cell) => cell.why === why);
  if (cells.length === 0) return [];
  const colour = why === 'failed' ? pc.red : pc.yellow;
  const lines = cells
    .slice(0, MOST_LISTED)
    .map((cell) => `  ${cell.layers[0]} at ${pairText(cell)} bits: ${cell.reason}`);
  const rest = cells.length > MOST_LISTED ? [`  … and ${cells.length - MOST_LISTED} more; --json lists them all`] : [];
  return [colour(`${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} ${what}:`), ...lines, ...rest];
}

function fillText({ fill }: TableMeasurement): readonly string[] {
  if (fill === undefined) return [];
  const error = `${fill.heldOutErrorPercent.toFixed(1)} % mean error on measured shapes that the fit had not seen`;
  return [`${fill.cells} cells are guesses of a fitted roofline, and marked as such: ${error}`];
}
