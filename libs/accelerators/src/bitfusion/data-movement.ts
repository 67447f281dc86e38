import type { LoopNest } from './loop-nest.js';
import type { BitfusionProfile } from './profile.js';
import { halfOf, type TiledLayer } from './tiled-layer.js';

/** One tensor under one order of loops. */
export type TensorMovement = {
  /** Bits fetched from memory in all; of the output as many are written as well. */
  readonly movedBits: number;
  /** Bits that the buffer holds at a time: a tile, or several that are fetched together because they fit. */
  readonly residentBits: number;
};

/** What moves between memory and buffers. */
export type DataMovement = {
  readonly input: TensorMovement;
  readonly weight: TensorMovement;
  readonly output: TensorMovement;
};

/** A loop by its position in {@link LOOPS}, innermost first. */
export type LoopOrder = readonly number[];

/** Which of {@link LOOPS} each tensor depends on. */
const INPUT_LOOPS = [true, true, true, true, false];
const OWN_PLANES_LOOPS = [true, true, true, true, true];
const WEIGHT_LOOPS = [false, false, false, true, true];
const OUTPUT_LOOPS = [true, true, true, false, true];

/** What moves when the loops run in this order; loops with one trip may be left out of it. */
export function dataMovement(
  profile: BitfusionProfile,
  nest: LoopNest,
  tiled: TiledLayer,
  order: LoopOrder,
): DataMovement {
  const { trips } = tiled;
  return {
    input: walk(tiled.inputBits, halfOf(profile.inputBufferBytes), trips, inputLoops(nest), order),
    weight: walk(tiled.weightBits, halfOf(profile.weightBufferBytes), trips, WEIGHT_LOOPS, order),
    output: walk(tiled.outputBits, halfOf(profile.outputBufferBytes), trips, OUTPUT_LOOPS, order),
  };
}

/** The least that can move, whatever the order: every tensor once, with one tile of it in its buffer. */
export function leastDataMovement(nest: LoopNest, tiled: TiledLayer): DataMovement {
  return {
    input: once(tiled.inputBits, tiled.trips, inputLoops(nest)),
    weight: once(tiled.weightBits, tiled.trips, WEIGHT_LOOPS),
    output: once(tiled.outputBits, tiled.trips, OUTPUT_LOOPS),
  };
}

const inputLoops = (nest: LoopNest) => (nest.lowering === 'own-planes' ? OWN_PLANES_LOOPS : INPUT_LOOPS);

/**
 * Walks from the innermost loop outwards. While all that was fetched fits the buffer, a loop that the tensor depends
 * on adds to it and any other loop is free; from the loop on where it no longer fits, every trip fetches it again.
 */
function walk(
  tileBits: number,
  capacityBits: number,
  trips: readonly number[],
  dependsOn: readonly boolean[],
  order: LoopOrder,
): TensorMovement {
  let movedBits = tileBits;
  let residentBits = tileBits;
  let fits = true;
  for (const loop of order) {
    if (fits && dependsOn[loop] !== true) continue;
    movedBits *= trips[loop] as number;
    fits = movedBits <= capacityBits;
    if (fits) residentBits = movedBits;
  }
  return { movedBits, residentBits };
}

function once(tileBits: number, trips: readonly number[], dependsOn: readonly boolean[]): TensorMovement {
  const movedBits = trips.reduce((bits, count, loop) => (dependsOn[loop] === true ? bits * count : bits), tileBits);
  return { movedBits, residentBits: tileBits };
}
