import type { ReportLayer } from '@bitwright/core';
import { formatColumn, formatNumber } from '../../terminal/format.js';
import { groupLayers } from '../interpretation.js';
import { htmlTable } from './markup.js';

const HEADS = [
  ...['kind', 'bound by', 'layers', 'of the time', 'mean weight bits', 'mean activation bits', 'ops/byte'],
  ...['ms a weight bit of all', 'ms an activation bit of all'],
];

/** A line for each kind of layer and bound: where the time goes, what bits it got, and what one bit less would save. */
export function interpretationTable(layers: readonly ReportLayer[]): string {
  const groups = groupLayers(layers);
  const perWeightBit = formatColumn(groups.map(({ perWeightBitMs }) => perWeightBitMs));
  const perActivationBit = formatColumn(groups.map(({ perActivationBitMs }) => perActivationBitMs));
  const rows = groups.map((group, index) => ({
    cells: [
      ...[group.kind, group.bound, String(group.layers), `${(100 * group.share).toFixed(1)} %`],
      ...[group.weightBits.toFixed(2), group.activationBits.toFixed(2), formatNumber(group.operationsPerByte)],
      ...[perWeightBit[index] ?? '', perActivationBit[index] ?? ''],
    ],
  }));
  return htmlTable(HEADS, rows, 2);
}
