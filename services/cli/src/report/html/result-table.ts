import type { Report } from '@bitwright/core';
import { formatBytes, formatColumn } from '../../terminal/format.js';
import { accuracyText, fitsText } from '../../terminal/result-table.js';
import { latencyRatio, resultRows } from '../rows.js';
import { htmlTable } from './markup.js';

const HEADS = [
  'policy',
  'accuracy',
  'latency ms',
  'of 8 bit',
  'energy mJ',
  'size',
  'mean weight bits',
  'fits the budget',
];

/** Controls and result, one line each. */
export function resultTable(report: Report): string {
  const rows = resultRows(report);
  const latencies = formatColumn(rows.map(({ entry }) => entry.latencyMs));
  const energies = formatColumn(rows.map(({ entry }) => entry.energyMj));
  return htmlTable(
    HEADS,
    rows.map(({ label, entry, isResult, isWidest }, index) => {
      const ratio = latencyRatio(report, entry);
      const name = isWidest ? `${label} (the most that fits)` : label;
      const costs = [latencies[index] ?? '', ratio === undefined ? '–' : `${ratio.toFixed(3)}x`, energies[index] ?? ''];
      const cells = [
        name,
        accuracyText(entry),
        ...costs,
        formatBytes(entry.sizeBytes),
        entry.effectiveBits.toFixed(2),
        fitsText(entry),
      ];
      return { cells, className: isResult ? 'result' : '' };
    }),
  );
}
