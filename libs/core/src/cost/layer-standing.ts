import type { Layer } from '../network/layers.js';
import { pointsPerChannel } from '../policy/points.js';
import { assertPolicyFits, type LayerPrecision, type PrecisionPolicy } from '../policy/policy.js';
import type { HardwareCatalog } from '../ports/hardware.js';
import type { HardwareTarget } from '../search/search.js';
import { type CostTable, costCell, type LayerCost, repeatedCosts } from './cost-table.js';
import { type LayerMarginals, marginalsOf } from './marginals.js';
import { ranksOf } from './rank-correlation.js';

/** A policy on a target, layer by layer. */
export type PolicyExplanation = {
  readonly hardware: string;
  /** Costs are of so many images. */
  readonly batch: number;
  readonly layers: readonly Layer[];
  /** Its bits. */
  readonly policy: Pick<PrecisionPolicy, 'layers'>;
  readonly standings: readonly LayerStanding[];
};

/** How one layer stands on one target, at one policy. */
export type LayerStanding = {
  readonly cost: LayerCost;
  /** 1 is the layer that takes longest, of those that count; undefined where it does not count. */
  readonly rank: number | undefined;
  /** Of the time of the layers that count, 0..1. */
  readonly share: number;
  /** Binary operations (2 x weight bits x activation bits x MACs) per byte moved: the roofline's axis. Undefined where the bytes are not known. */
  readonly intensity: number | undefined;
  readonly marginals: LayerMarginals;
};

/**
 * {@link explainPolicy} by what the target tabulates. Throws `invalid_argument` for a policy of another network; `not_found`
 * for a target that is not there.
 */
export async function explainOnTarget(
  catalog: Pick<HardwareCatalog, 'open'>,
  { name, batch, counted }: HardwareTarget,
  layers: readonly Layer[],
  policy: PrecisionPolicy,
  signal?: AbortSignal,
): Promise<PolicyExplanation> {
  assertPolicyFits(policy, layers);
  const table = await (await catalog.open(name)).tabulate(layers, { batch, counted, signal });
  const standings = explainPolicy(layers, table, policy);
  return { hardware: table.hardware, batch: table.batch, layers, policy, standings };
}

/**
 * What a policy costs on a target, layer by layer, and why: rank, share of the time, roofline, and what one bit less would
 * save. A multipoint layer with n points for each channel does its work n times. Throws `unsupported` for bits at which the
 * target cannot run a layer.
 */
export function explainPolicy(
  layers: readonly Layer[],
  single: CostTable,
  policy: PrecisionPolicy,
): readonly LayerStanding[] {
  const repeats = pointsPerChannel(policy, layers);
  const table = repeatedCosts(single, repeats);
  const cells = policy.layers.map(({ weightBits, activationBits }, index) =>
    costCell(table, index, weightBits, activationBits),
  );
  const counted = cells.flatMap((_, index) => (table.counted[index] ? [index] : []));
  const total = counted.reduce((sum, index) => sum + (cells[index]?.latencyMs ?? 0), 0);
  const ranks = ranksOf(counted.map((index) => -(cells[index]?.latencyMs ?? 0)));
  const rankByLayer = new Map(counted.map((index, at) => [index, ranks[at]]));
  return cells.map((cost, index) => {
    const { weightBits, activationBits } = policy.layers[index] as LayerPrecision;
    const macs = (layers[index]?.macs ?? 0) * (repeats[index] as number);
    const operations = 2 * weightBits * activationBits * macs * table.batch;
    return {
      cost,
      rank: rankByLayer.get(index),
      share: rankByLayer.has(index) && total > 0 ? cost.latencyMs / total : 0,
      intensity: cost.trafficBytes ? operations / cost.trafficBytes : undefined,
      marginals: marginalsOf(table, index, weightBits, activationBits),
    };
  });
}
