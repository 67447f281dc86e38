import type { Report } from '@bitwright/core';
import { formatBytes } from '../../terminal/format.js';
import { accuracyText, fitsText } from '../../terminal/result-table.js';
import { hardwareColumns } from '../hardware-columns.js';
import { resultRows } from '../rows.js';
import { htmlTable } from './markup.js';

/** Controls and result, one line each. */
export function resultTable(report: Report): string {
  const rows = resultRows(report);
  const entries = rows.map(({ entry }) => entry);
  const { heads, lines } = hardwareColumns(report, entries, { latency: 'latency ms', energy: 'energy mJ' });
  return htmlTable(
    ['policy', 'accuracy', ...heads, 'size', 'mean weight bits', 'fits the budget'],
    rows.map(({ label, entry, isResult, isWidest }, index) => {
      const name = isWidest ? `${label} (the most that fits)` : label;
      const cells = [
        name,
        accuracyText(entry),
        ...(lines[index] ?? []),
        formatBytes(entry.sizeBytes),
        entry.effectiveBits.toFixed(2),
        fitsText(entry),
      ];
      return { cells, className: isResult ? 'result' : '' };
    }),
  );
}
