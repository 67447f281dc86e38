import type { Report, ReportEntry } from '@bitwright/core';
import { formatColumn } from '../terminal/format.js';
import { costOn, hardwareOf, latencyRatio } from './targets.js';

export type HardwareColumns = {
  readonly heads: readonly string[];
  /** One line of cells for each entry. */
  readonly lines: readonly (readonly string[])[];
};

/** Latency, latency against 8 bits, and energy on each target; heads name the target where there are several. */
export function hardwareColumns(
  report: Report,
  entries: readonly ReportEntry[],
  heads: { readonly latency: string; readonly energy: string },
): HardwareColumns {
  const targets = hardwareOf(report).map(({ name }) => name);
  const columns = targets.map((target) => columnsOf(report, entries, target));
  const before = (target: string) => (targets.length === 1 ? '' : `${target} `);
  return {
    heads: targets.flatMap((target) => [`${before(target)}${heads.latency}`, 'of 8 bit', heads.energy]),
    lines: entries.map((_, index) => columns.flatMap((lines) => lines[index] ?? [])),
  };
}

function columnsOf(report: Report, entries: readonly ReportEntry[], target: string): readonly (readonly string[])[] {
  const costs = entries.map((entry) => costOn(report, entry, target));
  const latencies = formatColumn(costs.map(({ latencyMs }) => latencyMs));
  const energies = formatColumn(costs.map(({ energyMj }) => energyMj));
  return entries.map((entry, index) => {
    const ratio = latencyRatio(report, entry, target);
    return [latencies[index] ?? '', ratio === undefined ? '–' : `${ratio.toFixed(3)}x`, energies[index] ?? ''];
  });
}
