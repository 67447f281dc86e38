import type { Bound, ReportLayer } from '@bitwright/core';

/** Layers of one kind that the same thing bounds, and what the search made of them. */
export type LayerGroup = {
  readonly kind: string;
  readonly bound: Bound;
  readonly layers: number;
  /** Of the time of the layers that count, 0..1. */
  readonly share: number;
  readonly weightBits: number;
  readonly activationBits: number;
  /** Binary operations per byte moved, in the middle; null where the bytes are not known. */
  readonly operationsPerByte: number | null;
  /** What one bit less of all of them would save, ms. */
  readonly perWeightBitMs: number;
  readonly perActivationBitMs: number;
};

/** The groups of the layers that count, the one that takes longest first; none where the hardware knows no bounds. */
export function groupLayers(layers: readonly ReportLayer[]): readonly LayerGroup[] {
  const counted = layers.filter((layer) => layer.counted && layer.bound !== null && layer.latencyMs !== null);
  const total = sumOf(counted, ({ latencyMs }) => latencyMs);
  const keyOf = ({ kind, bound }: ReportLayer) => `${kind} ${bound}`;
  const keys = [...new Set(counted.map(keyOf))];
  const groups = keys.map((key) =>
    groupOf(
      counted.filter((layer) => keyOf(layer) === key),
      total,
    ),
  );
  return groups.sort((a, b) => b.share - a.share);
}

function groupOf(members: readonly ReportLayer[], totalMs: number): LayerGroup {
  const [{ kind, bound }] = members as readonly [ReportLayer];
  const intensities = members.flatMap(({ operationsPerByte }) => operationsPerByte ?? []).sort((a, b) => a - b);
  return {
    ...{ kind, bound: bound as Bound, layers: members.length },
    share: sumOf(members, ({ latencyMs }) => latencyMs) / totalMs,
    weightBits: sumOf(members, ({ weightBits }) => weightBits) / members.length,
    activationBits: sumOf(members, ({ activationBits }) => activationBits) / members.length,
    operationsPerByte: intensities[intensities.length >> 1] ?? null,
    perWeightBitMs: sumOf(members, ({ latencyMsPerWeightBit }) => latencyMsPerWeightBit),
    perActivationBitMs: sumOf(members, ({ latencyMsPerActivationBit }) => latencyMsPerActivationBit),
  };
}

/** Where the time goes, and whether the bits follow: a few sentences, or undefined where nothing is known of bounds. */
export function interpretationText(layers: readonly ReportLayer[]): string | undefined {
  const groups = groupLayers(layers);
  const [longest] = groups;
  if (longest === undefined) return undefined;
  const shares = (['compute', 'memory', 'overhead'] as const)
    .map((bound) => ({ bound, share: sumOf(groups, (group) => (group.bound === bound ? group.share : 0)) }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
    .map(({ bound, share }) => `${percent(share)} of the time is bound by ${bound}`);
  const { kind, bound, share, weightBits, activationBits } = longest;
  const most = `Most of it, ${percent(share)}, goes to ${kind} layers that ${bound} bounds; they got ${bits(weightBits)} for weights and ${bits(activationBits)} for activations in the mean`;
  return `${shares.join(', ')}. ${most}: ${savingText(longest)}.`;
}

function savingText({ bound, perWeightBitMs, perActivationBitMs }: LayerGroup): string {
  if (perWeightBitMs === 0 && perActivationBitMs === 0)
    return bound === 'overhead'
      ? 'fewer bits would save nothing, since starting a layer takes the time'
      : 'they are at the fewest bits that save anything';
  const [more, less] = perActivationBitMs > perWeightBitMs ? ['activations', 'weights'] : ['weights', 'activations'];
  const [most, least] = [Math.max(perWeightBitMs, perActivationBitMs), Math.min(perWeightBitMs, perActivationBitMs)];
  const figures = `${most.toPrecision(3)} ms against ${least.toPrecision(3)}`;
  return `one bit less of their ${more} would save more than one of their ${less} (${figures})`;
}

function sumOf<T>(values: readonly T[], figure: (value: T) => number | null): number {
  return values.reduce((sum, value) => sum + (figure(value) ?? 0), 0);
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const bits = (mean: number) => `${mean.toFixed(1)} bits`;
