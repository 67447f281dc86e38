import type { Report } from '@bitwright/core';
import Table from 'cli-table3';
import pc from 'picocolors';
import { latencyRatio, resultRows } from '../report/rows.js';
import { formatAccuracy, formatBytes, formatNumber } from './format.js';

const HEADINGS = ['policy', 'test accuracy', 'latency ms', 'of 8 bit', 'energy mJ', 'size', 'mean weight bits', 'fits'];

/** Controls and result side by side: test accuracy after the final fine-tuning and what each policy costs. */
export function resultTable(report: Report): string {
  const colAligns = HEADINGS.map((_, index) => (index === 0 ? 'left' : 'right') as 'left' | 'right');
  const table = new Table({ head: HEADINGS, colAligns, style: { head: ['cyan'], border: ['gray'], compact: true } });
  for (const { label, entry, isResult } of resultRows(report)) {
    const ratio = latencyRatio(report, entry);
    const accuracy = entry.testAccuracy ?? entry.validationAccuracy;
    const cells = [
      label,
      `${formatAccuracy(accuracy)}${entry.testAccuracy === null && accuracy !== null ? ' (validation)' : ''}`,
      formatNumber(entry.latencyMs),
      ratio === undefined ? '–' : `${ratio.toFixed(3)}x`,
      formatNumber(entry.energyMj),
      formatBytes(entry.sizeBytes),
      entry.effectiveBits.toFixed(2),
      entry.feasible ? 'yes' : entry.strategy === 'float' ? '–' : 'no',
    ];
    table.push(isResult ? cells.map((cell) => pc.bold(cell)) : cells);
  }
  return table.toString();
}
