import { type DataMovement, dataMovement, type LoopOrder, leastDataMovement } from './data-movement.js';
import type { LoopNest } from './loop-nest.js';
import { loopOrders } from './loop-orders.js';
import {
  dramBits,
  fillAndDrainCycles,
  mappingCycles,
  mappingEnergy,
  totalPicojoules,
  transferCycles,
} from './mapping-cost.js';
import type { BitfusionProfile } from './profile.js';
import { type Precision, type TiledLayer, tileLayer } from './tiled-layer.js';
import { tilesOf } from './tiling.js';

/** What a mapping is judged by. */
type Merit = { readonly cycles: number; readonly picojoules: number };

/** One way to run a layer: a tile and an order of loops, and what they cost. */
export type Mapping = Merit & {
  readonly tiled: TiledLayer;
  /** Innermost first, without loops that make one trip. */
  readonly order: LoopOrder;
  readonly movement: DataMovement;
};

type Candidate = { readonly tiled: TiledLayer; readonly bound: Merit };

/**
 * The best of all tiles and all orders of loops by the profile's objective, or undefined where no tile fits.
 *
 * Exact: tiles are tried in the order of a lower bound on both cycles and energy that holds for every order of loops
 * (see {@link boundOf}). Both objectives grow with cycles and with energy, so a tile's bound is never behind any of
 * its mappings; once the next bound is no better than the best mapping, nothing that is left can be.
 */
export function findMapping(profile: BitfusionProfile, nest: LoopNest, precision: Precision): Mapping | undefined {
  let best: Mapping | undefined;
  for (const { tiled, bound } of candidatesByBound(profile, nest, precision)) {
    if (best !== undefined && compare(profile, bound, best) >= 0) break;
    for (const order of loopOrders(tiled.trips)) {
      const mapping = mappingOf(profile, nest, tiled, order);
      if (best === undefined || compare(profile, mapping, best) < 0) best = mapping;
    }
  }
  return best;
}

function candidatesByBound(profile: BitfusionProfile, nest: LoopNest, precision: Precision): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const tile of tilesOf(profile, nest)) {
    const tiled = tileLayer(profile, nest, precision, tile);
    if (tiled !== undefined) candidates.push({ tiled, bound: boundOf(profile, nest, tiled) });
  }
  return candidates.sort((left, right) => compare(profile, left.bound, right.bound));
}

/**
 * Cycles and energy that no order of loops can undercut. Every order fetches each tensor at least once and keeps at
 * least one tile of it, so the first tiles and the last output delay the array at least as long as single tiles do;
 * and whatever overlaps, all bits pass the memory interface, whose parts rounded up are no shorter than the whole.
 * Energy only grows with bits moved and with cycles.
 */
function boundOf(profile: BitfusionProfile, nest: LoopNest, tiled: TiledLayer): Merit {
  const least = leastDataMovement(nest, tiled);
  const cycles = Math.max(
    tiled.computeCycles + fillAndDrainCycles(profile, least),
    transferCycles(profile, dramBits(least)),
  );
  return { cycles, picojoules: totalPicojoules(mappingEnergy(profile, tiled, least, cycles)) };
}

function mappingOf(profile: BitfusionProfile, nest: LoopNest, tiled: TiledLayer, order: LoopOrder): Mapping {
  const movement = dataMovement(profile, nest, tiled, order);
  const cycles = mappingCycles(profile, tiled, movement);
  const picojoules = totalPicojoules(mappingEnergy(profile, tiled, movement, cycles));
  return { tiled, order, movement, cycles, picojoules };
}

/** Negative where the left one is better. */
function compare(profile: BitfusionProfile, left: Merit, right: Merit): number {
  return scoreOf(profile, left) - scoreOf(profile, right) || left.picojoules - right.picojoules;
}

function scoreOf({ objective }: BitfusionProfile, { cycles, picojoules }: Merit): number {
  switch (objective) {
    case 'latency':
      return cycles;
    case 'energy-delay':
      return cycles * picojoules;
  }
}
