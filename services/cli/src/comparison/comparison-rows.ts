import type { HardwareComparison, LayerComparison, LayerStanding } from '@bitwright/core';
import { formatColumn, formatNumber } from '../terminal/format.js';

export type Rows = { readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** One sentence on how far two targets agree, from Spearman's correlation over random policies. */
export function agreementText({ first, second, policies, ...found }: HardwareComparison): string {
  const { latencyCorrelation, energyCorrelation } = found;
  if (latencyCorrelation === undefined) return `${first} and ${second}: no order of policies can be told.`;
  const energy = energyCorrelation === undefined ? '' : `, ${energyCorrelation.toFixed(3)} by energy`;
  const figures = `${latencyCorrelation.toFixed(3)} by latency${energy}`;
  return `${first} and ${second} put ${policies} random policies in ${orderText(latencyCorrelation)} order (rank correlation ${figures}).`;
}

function orderText(correlation: number): string {
  if (correlation > 0.95) return 'nearly the same';
  if (correlation > 0.7) return 'a similar';
  return correlation > 0.3 ? 'a rather different' : 'another';
}

/** Of each kind of layer: its share of the time, and what a bit of all of them is worth, on both targets. */
export function kindRows({ first, second, layers }: HardwareComparison): Rows {
  const kinds = [...new Set(layers.map(({ layer }) => layer.kind))];
  const heads = [first, second].flatMap((name) => [`${name}: share`, 'ms a weight bit', 'ms an activation bit']);
  const rows = kinds.map((kind) => {
    const ofKind = layers.filter(({ layer }) => layer.kind === kind);
    return [kind, String(ofKind.length), ...kindCells(ofKind, 'first'), ...kindCells(ofKind, 'second')];
  });
  return { heads: ['kind', 'layers', ...heads], rows };
}

type Side = 'first' | 'second';

function kindCells(layers: readonly LayerComparison[], side: Side): readonly string[] {
  const counted = layers.map((layer) => layer[side]).filter(({ rank }) => rank !== undefined);
  if (counted.length === 0) return ['not counted', '–', '–'];
  const sum = (figure: (standing: LayerStanding) => number) => counted.reduce((total, one) => total + figure(one), 0);
  return [
    percent(sum(({ share }) => share)),
    formatNumber(sum(({ marginals }) => marginals.perWeightBit?.latencyMs ?? 0)),
    formatNumber(sum(({ marginals }) => marginals.perActivationBit?.latencyMs ?? 0)),
  ];
}

/** Layers by how far apart their ranks are, the farthest first. */
export function byDisagreement({ layers }: HardwareComparison): readonly LayerComparison[] {
  const distance = ({ first, second }: LayerComparison) =>
    first.rank === undefined || second.rank === undefined ? -1 : Math.abs(first.rank - second.rank);
  return layers.toSorted((a, b) => distance(b) - distance(a) || a.layer.index - b.layer.index);
}

/** A line per layer: rank, share of the time and bound on both targets. */
export function layerRows({ first, second }: HardwareComparison, layers: readonly LayerComparison[]): Rows {
  const heads = [first, second].flatMap((name) => [`${name}: rank`, 'ms', 'share', 'ops/byte', 'bound by']);
  const sides = (['first', 'second'] as const).map((side) => sideCells(layers.map((layer) => layer[side])));
  const rows = layers.map(({ layer, weightBits, activationBits }, index) => [
    ...[layer.name, layer.kind, `${weightBits}/${activationBits}`],
    ...sides.flatMap((cells) => cells[index] ?? []),
  ]);
  return { heads: ['layer', 'kind', 'bits', ...heads], rows };
}

function sideCells(standings: readonly LayerStanding[]): readonly (readonly string[])[] {
  const latencies = formatColumn(standings.map(({ cost }) => cost.latencyMs));
  return standings.map(({ rank, share, intensity, cost }, index) => [
    rank === undefined ? '–' : formatRank(rank),
    latencies[index] ?? '',
    percent(share),
    intensity === undefined ? '–' : formatNumber(intensity),
    cost.bound ?? '–',
  ]);
}

/** Layers of equal time share a rank between two. */
const formatRank = (rank: number) => (Number.isInteger(rank) ? String(rank) : rank.toFixed(1));

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
