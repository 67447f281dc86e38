import type { LayerStanding, PolicyExplanation } from '@bitwright/core';
import pc from 'picocolors';
import { formatColumn, formatNumber } from '../terminal/format.js';
import { plainTable } from '../terminal/plain-table.js';

const HEADS = [
  ...['layer', 'kind', 'bits', 'runs as', 'ms', 'share', 'ops/byte', 'bound by'],
  ...['ms a weight bit', 'ms an act. bit', 'mJ a weight bit', 'mJ an act. bit'],
];

/** What `bitwright hardware explain` prints for people. */
export function explanationText({ hardware, batch, layers, policy, standings }: PolicyExplanation): string {
  const latencies = formatColumn(standings.map(({ cost }) => cost.latencyMs));
  const savings = SAVINGS.map((saving) => formatColumn(standings.map((standing) => saving(standing) ?? null)));
  const rows = standings.map((standing, index) => {
    const { cost, share, intensity, rank } = standing;
    const bits = policy.layers[index];
    return [
      ...[layers[index]?.name ?? '', layers[index]?.kind ?? '', `${bits?.weightBits}/${bits?.activationBits}`],
      `${cost.executedWeightBits}/${cost.executedActivationBits}`,
      ...[latencies[index] ?? '', rank === undefined ? 'not counted' : `${(100 * share).toFixed(1)} %`],
      ...[intensity === undefined ? '–' : formatNumber(intensity), cost.bound ?? '–'],
      ...savings.map((column) => column[index] ?? ''),
    ];
  });
  return `${headText(hardware, batch, standings)}\n\n${plainTable(HEADS, rows)}\n`;
}

/** What one bit less saves; the same for `--json`. */
const SAVINGS: readonly ((standing: LayerStanding) => number | undefined)[] = [
  ({ marginals }) => marginals.perWeightBit?.latencyMs,
  ({ marginals }) => marginals.perActivationBit?.latencyMs,
  ({ marginals }) => marginals.perWeightBit?.energyMj,
  ({ marginals }) => marginals.perActivationBit?.energyMj,
];

function headText(hardware: string, batch: number, standings: readonly LayerStanding[]): string {
  const counted = standings.filter(({ rank }) => rank !== undefined);
  const latencyMs = counted.reduce((sum, { cost }) => sum + cost.latencyMs, 0);
  const bounds = (['compute', 'memory', 'overhead'] as const)
    .map((bound) => ({ bound, share: shareOf(counted, bound) }))
    .filter(({ share }) => share > 0)
    .map(({ bound, share }) => `${(100 * share).toFixed(0)} % by ${bound}`);
  const bound = bounds.length === 0 ? '' : `; of this time bound ${bounds.join(', ')}`;
  return `${pc.bold(hardware)}, batch of ${batch}: ${formatNumber(latencyMs)} ms in ${counted.length} layers that count${bound}`;
}

function shareOf(standings: readonly LayerStanding[], bound: LayerStanding['cost']['bound']): number {
  return standings.reduce((sum, { cost, share }) => (cost.bound === bound ? sum + share : sum), 0);
}
