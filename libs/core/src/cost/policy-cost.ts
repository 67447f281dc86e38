import type { Layer } from '../network/layers.js';
import { layerSizeBits, pointsPerChannel } from '../policy/points.js';
import { FLOAT_BITS, type LayerPrecision, type PrecisionPolicy } from '../policy/policy.js';
import { type CostTable, costCell } from './cost-table.js';

/** What a policy costs on one target, of its whole batch. */
export type TargetCost = {
  readonly hardware: string;
  readonly latencyMs: number | undefined;
  readonly energyMj: number | undefined;
};

/** Cost of a whole policy. Latency and energy are of the (primary) hardware's whole batch. */
export type PolicyCost = {
  /** Absent where the policy was not priced on hardware (float, or weights-only search). */
  readonly latencyMs: number | undefined;
  readonly energyMj: number | undefined;
  /** Weights only (no bias, no batch normalization): sum of weights x bits / 8, with points of their codes and coefficients. */
  readonly sizeBytes: number;
  /** Sum of MACs x weight bits x activation bits, one image. */
  readonly bops: number;
  /** Mean weight bits, weighted by the number of weights. */
  readonly effectiveBits: number;
  /** On each target, the primary one first; absent where there is one alone. */
  readonly targets?: readonly TargetCost[] | undefined;
};

/** Prices policies of one network on its hardware. Throws `unsupported` for bits that the table lacks. */
export type PolicyPricer = (policy: PrecisionPolicy) => PolicyCost;

/** Prices one policy; for many, {@link createPolicyPricer} reads the table once. */
export function costOfPolicy(
  layers: readonly Layer[],
  table: CostTable | undefined,
  policy: PrecisionPolicy,
): PolicyCost {
  return createPolicyPricer(layers, table)(policy);
}

/**
 * Latency and energy come from the table over its counted layers, the rest from the layers alone. Sums are added in
 * layer order, so that they equal what the hardware's own Evaluate gives to the last bit.
 */
export function createPolicyPricer(layers: readonly Layer[], table: CostTable | undefined): PolicyPricer {
  const weights = Float64Array.from(layers, (layer) => layer.weights);
  const macs = Float64Array.from(layers, (layer) => layer.macs);
  const allWeights = weights.reduce((sum, count) => sum + count, 0);
  const hardwareCost = table === undefined ? undefined : createHardwarePricer(table);
  return (policy) => {
    if (policy.weightQuantizer === 'multipoint') return priceWithPoints(layers, hardwareCost, policy);
    let sizeBits = 0;
    let bops = 0;
    for (let index = 0; index < weights.length; index += 1) {
      const { weightBits, activationBits } = policy.layers[index] as LayerPrecision;
      sizeBits += (weights[index] as number) * weightBits;
      bops += (macs[index] as number) * weightBits * activationBits;
    }
    const priced = hardwareCost?.(policy.layers);
    return {
      latencyMs: priced?.latencyMs,
      energyMj: priced?.energyMj,
      sizeBytes: sizeBits / 8,
      bops,
      effectiveBits: sizeBits / allWeights,
    };
  };
}

/**
 * A layer with n points for each channel does n times the work of one point, in the same time a piece: latency and energy
 * are that many times the table's.
 */
function priceWithPoints(
  layers: readonly Layer[],
  hardwareCost: HardwarePricer | undefined,
  policy: PrecisionPolicy,
): PolicyCost {
  const points = pointsPerChannel(policy, layers);
  const sum = (figure: (layer: Layer, precision: LayerPrecision, points: number) => number) =>
    layers.reduce((total, layer, index) => {
      return total + figure(layer, policy.layers[index] as LayerPrecision, points[index] as number);
    }, 0);
  const priced = hardwareCost?.(policy.layers, points);
  const codeBits = sum(({ weights }, { weightBits }, each) => weights * weightBits * each);
  return {
    latencyMs: priced?.latencyMs,
    energyMj: priced?.energyMj,
    sizeBytes: sum((layer, _, each) => layerSizeBits(policy, layer, each)) / 8,
    bops: sum(({ macs }, { weightBits, activationBits }, each) => macs * weightBits * activationBits * each),
    effectiveBits: codeBits / sum(({ weights }) => weights),
  };
}

/** The same for several targets: the cost of each, in their order, and that of the first as the policy's own. */
export function createTargetsPricer(layers: readonly Layer[], tables: readonly CostTable[]): PolicyPricer {
  const [primary, ...others] = tables;
  const price = createPolicyPricer(layers, primary);
  if (primary === undefined || others.length === 0) return price;
  const more = others.map((table) => ({ hardware: table.hardware, hardwareCost: createHardwarePricer(table) }));
  return (policy) => {
    const cost = price(policy);
    const first = { hardware: primary.hardware, latencyMs: cost.latencyMs, energyMj: cost.energyMj };
    const points = policy.weightQuantizer === 'multipoint' ? pointsPerChannel(policy, layers) : undefined;
    const rest = more.map(({ hardware, hardwareCost }): TargetCost => {
      const priced = hardwareCost(policy.layers, points);
      return { hardware, latencyMs: priced?.latencyMs, energyMj: priced?.energyMj };
    });
    return { ...cost, targets: [first, ...rest] };
  };
}

type HardwareCost = { readonly latencyMs: number; readonly energyMj: number | undefined };

/** `repeats` says how many times each layer's work is done; absent means once. */
type HardwarePricer = (
  precisions: readonly LayerPrecision[],
  repeats?: readonly number[] | undefined,
) => HardwareCost | undefined;

/** Bits that an unpacked table has a place for: 0 to 8, and float. */
const WIDTHS = 10;
const FLOAT_PLACE = WIDTHS - 1;
const hasPlace = (bits: number) => (bits >= 0 && bits < FLOAT_PLACE && Number.isInteger(bits)) || bits === FLOAT_BITS;
const placeOf = (bits: number) => (bits === FLOAT_BITS ? FLOAT_PLACE : bits);
const bitsAt = (place: number) => (place === FLOAT_PLACE ? FLOAT_BITS : place);

/** Undefined for a policy that leaves something in float on hardware that has no costs for it. */
function createHardwarePricer(table: CostTable): HardwarePricer {
  const latencies = unpack(table, 'latencyMs');
  const energies = unpack(table, 'energyMj');
  return (precisions, repeats) => {
    let latencyMs = 0;
    let energyMj = 0;
    for (let index = 0; index < precisions.length; index += 1) {
      const { weightBits, activationBits } = precisions[index] as LayerPrecision;
      // Beyond its row lie the figures of other bits.
      if (!hasPlace(weightBits) || !hasPlace(activationBits)) return refusePrecisions(table, precisions);
      const cell = (index * WIDTHS + placeOf(weightBits)) * WIDTHS + placeOf(activationBits);
      const times = repeats === undefined ? 1 : (repeats[index] as number);
      latencyMs += times * (latencies[cell] as number);
      energyMj += times * (energies[cell] as number);
    }
    if (Number.isNaN(latencyMs)) return refusePrecisions(table, precisions);
    return { latencyMs, energyMj: Number.isNaN(energyMj) ? undefined : energyMj };
  };
}

/** One number for each layer and pair of bits: 0 where the layer does not count, NaN where the figure is not known. */
function unpack(table: CostTable, figure: 'latencyMs' | 'energyMj'): Float64Array {
  const { cells, counted, weightBits, activationBits } = table;
  return Float64Array.from({ length: cells.length * WIDTHS * WIDTHS }, (_, place) => {
    const layer = Math.floor(place / (WIDTHS * WIDTHS));
    if (counted[layer] !== true) return 0;
    const row = cells[layer]?.[weightBits.indexOf(bitsAt(Math.floor(place / WIDTHS) % WIDTHS))];
    return row?.[activationBits.indexOf(bitsAt(place % WIDTHS))]?.[figure] ?? Number.NaN;
  });
}

/** Undefined when something is left in float; else throws `unsupported`, naming the layer whose bits the table lacks. */
function refusePrecisions(table: CostTable, precisions: readonly LayerPrecision[]): undefined {
  if (precisions.some((bits) => bits.weightBits === FLOAT_BITS || bits.activationBits === FLOAT_BITS)) return undefined;
  precisions.forEach(({ weightBits, activationBits }, index) => {
    if (table.counted[index] === true) costCell(table, index, weightBits, activationBits);
  });
  return undefined;
}
