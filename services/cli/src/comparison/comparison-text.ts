import type { HardwareComparison } from '@bitwright/core';
import pc from 'picocolors';
import { plainTable } from '../terminal/plain-table.js';
import { agreementText, byDisagreement, kindRows, layerRows, type Rows } from './comparison-rows.js';

/** Layers shown on a terminal; the page and `--json` have all. */
const SHOWN = 12;

/** What `bitwright hardware compare` prints for people. */
export function comparisonText(comparison: HardwareComparison): string {
  const table = ({ heads, rows }: Rows) => plainTable(heads, rows);
  const farthest = byDisagreement(comparison).slice(0, SHOWN);
  const parts = [
    agreementText(comparison),
    `${pc.bold('Kinds of layers')}: share of the time, and ms that one bit less of all of them saves\n${table(kindRows(comparison))}`,
    `${pc.bold('Layers whose ranks differ most')} (rank 1 takes longest)\n${table(layerRows(comparison, farthest))}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
