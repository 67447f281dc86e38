import type { Report, ReportEntry } from '@bitwright/core';
import Table from 'cli-table3';
import pc from 'picocolors';
import { latencyRatio, type ResultRow, resultRows } from '../report/rows.js';
import { formatAccuracy, formatBytes, formatColumn } from './format.js';
import { plainTable } from './plain-table.js';

const HEADINGS = ['policy', 'accuracy', 'ms', 'of 8 bit', 'mJ', 'size', 'bits', 'fits'];

/** A table with rules needs this much; a narrower terminal gets one without. */
const RULED_COLUMNS = 96;

/** Controls and result side by side: accuracy after the final fine-tuning, and what each policy costs. */
export function resultTable(report: Report, columns: number): string {
  const rows = resultRows(report);
  const cells = cellsOf(report, rows);
  const table = columns < RULED_COLUMNS ? plainTable(HEADINGS, cells) : ruledTable(rows, cells);
  return `${table}\n${pc.gray(legendOf(report, rows))}`;
}

function cellsOf(report: Report, rows: readonly ResultRow[]): readonly (readonly string[])[] {
  const latencies = formatColumn(rows.map(({ entry }) => entry.latencyMs));
  const energies = formatColumn(rows.map(({ entry }) => entry.energyMj));
  return rows.map(({ label, entry, isWidest }, index) => {
    const ratio = latencyRatio(report, entry);
    return [
      isWidest ? `${label} *` : label,
      accuracyText(entry),
      latencies[index] ?? '',
      ratio === undefined ? '–' : `${ratio.toFixed(3)}x`,
      energies[index] ?? '',
      formatBytes(entry.sizeBytes),
      entry.effectiveBits.toFixed(2),
      fitsText(entry),
    ];
  });
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

function ruledTable(rows: readonly ResultRow[], cells: readonly (readonly string[])[]): string {
  const colAligns = HEADINGS.map((_, index) => (index === 0 ? 'left' : 'right') as 'left' | 'right');
  const table = new Table({
    head: HEADINGS.map((head) => pc.cyan(head)),
    colAligns,
    style: { head: [], border: [], compact: true },
  });
  cells.forEach((line, index) => {
    table.push(line.map((cell) => (rows[index]?.isResult === true ? pc.bold(cell) : cell)));
  });
  return table.toString();
}

function legendOf({ provenance }: Report, rows: readonly ResultRow[]): string {
  const notes = [
    `accuracy: test split, after the final fine-tuning`,
    ...(rows.some(({ entry }) => entry.testAccuracy === null) ? ['in brackets: validation split'] : []),
    `ms, mJ: batch of ${provenance.hardware.batch}`,
    'bits: mean of the weights',
    ...(rows.some(({ isWidest }) => isWidest) ? ['* most bits that fit'] : []),
  ];
  return notes.join('; ');
}
