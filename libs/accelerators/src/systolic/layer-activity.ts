import { type LayerShape, macsOf } from '@bitwright/hardware-kit';
import { type LayerSizes, layerSizes, type Precision } from './layer-sizes.js';
import { type MacMode, macMode, widestMode } from './mac-rate.js';
import { computeCycles, mapLayer } from './mapping.js';
import type { SystolicProfile } from './profile.js';
import { layerTraffic, type Traffic } from './traffic.js';

/** What the array does for one layer at one pair of bits, for the whole batch. */
export type SystolicActivity = Traffic & {
  readonly cycles: number;
  /** What the layer would take if operands were always there. */
  readonly computeCycles: number;
  /** What memory alone would take. */
  readonly dramCycles: number;
  /** What memory takes before the array can begin, and after it has ended. */
  readonly fillCycles: number;
  readonly drainCycles: number;
  readonly dramBits: number;
  readonly macs: number;
  /** MACs over those that the array could do in `cycles`, 0..1. */
  readonly utilization: number;
  readonly mode: MacMode;
};

/** Runs a layer through the model; docs/hardware/systolic.md has the equations. */
export function systolicLayerActivity(
  profile: SystolicProfile,
  layer: LayerShape,
  precision: Precision,
  batch: number,
): SystolicActivity {
  const mode = macMode(profile, precision.weightBits, precision.activationBits);
  const mapping = mapLayer(profile, layer, mode, batch);
  const sizes = layerSizes(profile, layer, precision, batch);
  const traffic = layerTraffic(profile, layer, mapping, sizes, batch);
  const { weightReadBits, activationReadBits, partialSumBits, writtenBits } = traffic;
  const dramBits = weightReadBits + activationReadBits + partialSumBits + writtenBits;
  const compute = computeCycles(profile, mapping, mode);
  const dramCycles = toDramCycles(profile, dramBits);
  const { fillBits, drainBits } = arrayContents(profile, sizes);
  const fillCycles = toDramCycles(profile, fillBits);
  const drainCycles = toDramCycles(profile, drainBits);
  // What comes before and after the array runs is part of what memory moves: it must not count twice.
  const cycles = Math.max(compute + fillCycles + drainCycles, dramCycles);
  const macs = macsOf(layer) * batch;
  const utilization = macs / (cycles * peakMacsPerCycle(profile, mode));
  const parts = { computeCycles: compute, dramCycles, fillCycles, drainCycles };
  return { ...traffic, ...parts, cycles, dramBits, macs, utilization, mode };
}

/** What the whole array does in a cycle at one pair of bits. */
export function peakMacsPerCycle(
  { arrayRows, arrayColumns }: SystolicProfile,
  { lanes, passes }: Pick<MacMode, 'lanes' | 'passes'>,
): number {
  return (arrayRows * arrayColumns * lanes) / passes;
}

function toDramCycles({ dramGigabytesPerSecond, clockMegahertz }: SystolicProfile, bits: number): number {
  const bitsPerCycle = (dramGigabytesPerSecond * 8e9) / (clockMegahertz * 1e6);
  return Math.ceil(bits / bitsPerCycle);
}

/**
 * Bits that the array holds before its first step and after its last: a full array of what rests in it, one edge of
 * what streams through. Registers are as wide as the widest operands; a small tensor does not fill them.
 */
function arrayContents(profile: SystolicProfile, sizes: LayerSizes): { fillBits: number; drainBits: number } {
  const { lanes, executedWeightBits, executedActivationBits } = widestMode(profile);
  const places = arrayPlaces(profile);
  const weights = Math.min(sizes.weights, places.weights * lanes * executedWeightBits);
  const activations = Math.min(sizes.activations, places.activations * lanes * executedActivationBits);
  return { fillBits: weights + activations, drainBits: Math.min(sizes.results, places.results * profile.resultBits) };
}

/** Processing elements that hold an operand at one time. */
function arrayPlaces({ dataflow, arrayRows, arrayColumns }: SystolicProfile) {
  const all = arrayRows * arrayColumns;
  switch (dataflow) {
    case 'output_stationary':
      return { weights: arrayRows, activations: arrayColumns, results: all };
    case 'weight_stationary':
      return { weights: all, activations: arrayRows, results: arrayColumns };
    case 'input_stationary':
      return { weights: arrayRows, activations: all, results: arrayColumns };
  }
}
