import type { Report, ReportEntry } from '@bitwright/core';
import Table from 'cli-table3';
import pc from 'picocolors';
import { hardwareColumns } from '../report/hardware-columns.js';
import { type ResultRow, resultRows } from '../report/rows.js';
import { testImagesText, validationImagesText } from '../report/sample-counts.js';
import { batchText, hardwareOf } from '../report/targets.js';
import { formatAccuracy, formatBytes } from './format.js';
import { plainTable } from './plain-table.js';

/** A table with rules needs this much, and more for each further target; a narrower terminal gets one without. */
const RULED_COLUMNS = 96;
const TARGET_COLUMNS = 40;

/** Controls and result side by side: accuracy after the final fine-tuning, and what each policy costs. */
export function resultTable(report: Report, columns: number): string {
  const rows = resultRows(report);
  const entries = rows.map(({ entry }) => entry);
  const { heads, lines } = hardwareColumns(report, entries, { latency: 'ms', energy: 'mJ' });
  const headings = ['policy', 'accuracy', ...heads, 'size', 'bits', 'fits'];
  const cells = rows.map((row, index) => cellsOf(row, lines[index] ?? []));
  const needed = RULED_COLUMNS + TARGET_COLUMNS * (hardwareOf(report).length - 1);
  const table = columns < needed ? plainTable(headings, cells) : ruledTable(headings, rows, cells);
  return `${table}\n${pc.gray(legendOf(report, rows))}`;
}

function cellsOf({ label, entry, isWidest }: ResultRow, costs: readonly string[]): readonly string[] {
  return [
    isWidest ? `${label} *` : label,
    accuracyText(entry),
    ...costs,
    formatBytes(entry.sizeBytes),
    entry.effectiveBits.toFixed(2),
    fitsText(entry),
  ];
}

/** In brackets when it is from the validation split. */
export function accuracyText({ testAccuracy, validationAccuracy }: ReportEntry): string {
  return testAccuracy === null ? `(${formatAccuracy(validationAccuracy)})` : formatAccuracy(testAccuracy);
}

/** Float is measured for comparison: it has no latency that could fit. */
export function fitsText({ feasible, strategy }: ReportEntry): string {
  if (strategy === 'float') return '–';
  return feasible ? 'yes' : 'no';
}

function ruledTable(
  headings: readonly string[],
  rows: readonly ResultRow[],
  cells: readonly (readonly string[])[],
): string {
  const colAligns = headings.map((_, index) => (index === 0 ? 'left' : 'right') as 'left' | 'right');
  const table = new Table({
    head: headings.map((head) => pc.cyan(head)),
    colAligns,
    style: { head: [], border: [], compact: true },
  });
  cells.forEach((line, index) => {
    table.push(line.map((cell) => (rows[index]?.isResult === true ? pc.bold(cell) : cell)));
  });
  return table.toString();
}

function legendOf(report: Report, rows: readonly ResultRow[]): string {
  const notes = [
    `accuracy: ${testImagesText(report)}, after the final fine-tuning`,
    ...(rows.some(({ entry }) => entry.testAccuracy === null) ? [`in brackets: ${validationImagesText(report)}`] : []),
    `ms, mJ: ${batchText(report)}`,
    'bits: mean of the weights',
    ...(rows.some(({ isWidest }) => isWidest) ? ['* most bits that fit'] : []),
  ];
  return notes.join('; ');
}
