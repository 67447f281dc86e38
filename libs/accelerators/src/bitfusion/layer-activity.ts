import { BitwrightError } from '@bitwright/core';
import { type LayerShape, macsOf } from '@bitwright/hardware-kit';
import { fusedBits, fusionFactor } from './fusion.js';
import { type LoopNest, lowerToLoopNest } from './loop-nest.js';
import { dramBits, fillAndDrainCycles, mappingEnergy, transferCycles } from './mapping-cost.js';
import { findMapping, type Mapping } from './mapping-search.js';
import type { BitfusionProfile } from './profile.js';
import { LOOPS, type Loop, type Tile } from './tiling.js';

/** What the accelerator does for one layer at one pair of bits; counts are of the whole batch. */
export type BitfusionActivity = {
  readonly cycles: number;
  /** Cycles in which the array is busy; `stallCycles` are all others. */
  readonly computeCycles: number;
  readonly stallCycles: number;
  /** Cycles before the array has its first tiles and after it has left its last output. */
  readonly fillAndDrainCycles: number;
  /** Cycles in which the memory interface is busy. */
  readonly memoryCycles: number;
  /** What memory is read for; partial sums come back as often as they are written. */
  readonly inputReadBits: number;
  readonly weightReadBits: number;
  readonly partialSumReadBits: number;
  readonly writtenBits: number;
  readonly energy: EnergySplit;
  readonly executedWeightBits: number;
  readonly executedActivationBits: number;
  readonly tile: Tile;
  /** Loops around the tile that make more than one trip, outermost first. */
  readonly loopOrder: readonly Loop[];
  /** Multiply-accumulates over what the array could do in `cycles`, 0..1. */
  readonly utilization: number;
};

/** Millijoules by where they go. */
export type EnergySplit = {
  readonly coreMj: number;
  readonly bufferMj: number;
  readonly dramMj: number;
  readonly staticMj: number;
};

const PICOJOULES_PER_MILLIJOULE = 1e9;

/**
 * Runs a layer in its best mapping; docs/hardware/bitfusion.md has the equations. Bits are 2 to 8. Throws `unsupported`
 * `LAYER_UNSUPPORTED` where not even the smallest tile fits the buffers.
 */
export function bitfusionLayerActivity(
  profile: BitfusionProfile,
  layer: LayerShape,
  weightBits: number,
  activationBits: number,
  batch: number,
): BitfusionActivity {
  const nest = lowerToLoopNest(profile, layer, batch);
  const mapping = findMapping(profile, nest, { weightBits, activationBits }) ?? throwTooLarge(profile, layer);
  const { tiled, movement, order } = mapping;
  const { repeats } = nest;
  const cycles = repeats * mapping.cycles;
  const computeCycles = repeats * tiled.computeCycles;
  const units = profile.arrayRows * profile.arrayColumns;
  return {
    cycles,
    computeCycles,
    stallCycles: cycles - computeCycles,
    fillAndDrainCycles: repeats * fillAndDrainCycles(profile, movement),
    memoryCycles: repeats * transferCycles(profile, dramBits(movement)),
    inputReadBits: repeats * movement.input.movedBits,
    weightReadBits: repeats * movement.weight.movedBits,
    partialSumReadBits: repeats * movement.output.movedBits,
    writtenBits: repeats * movement.output.movedBits,
    energy: energySplit(profile, nest, mapping),
    executedWeightBits: fusedBits(weightBits),
    executedActivationBits: fusedBits(activationBits),
    tile: tiled.tile,
    loopOrder: order.map((loop) => LOOPS[loop] as Loop).reverse(),
    utilization: (macsOf(layer) * batch) / (cycles * units * fusionFactor(weightBits, activationBits)),
  };
}

function energySplit(profile: BitfusionProfile, nest: LoopNest, mapping: Mapping): EnergySplit {
  const parts = mappingEnergy(profile, mapping.tiled, mapping.movement, mapping.cycles);
  const toMj = (picojoules: number) => (nest.repeats * picojoules) / PICOJOULES_PER_MILLIJOULE;
  return {
    coreMj: toMj(parts.corePicojoules),
    bufferMj: toMj(parts.bufferPicojoules),
    dramMj: toMj(parts.dramPicojoules),
    staticMj: toMj(parts.staticPicojoules),
  };
}

function throwTooLarge(profile: BitfusionProfile, layer: LayerShape): never {
  const kernel = `${layer.kernelHeight} x ${layer.kernelWidth}`;
  const message = `${profile.name} cannot hold one output of a ${kernel} kernel in half of its buffers; use a smaller kernel`;
  throw new BitwrightError('unsupported', 'LAYER_UNSUPPORTED', message);
}
