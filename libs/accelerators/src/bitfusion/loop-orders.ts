import type { LoopOrder } from './data-movement.js';
import { LOOPS } from './tiling.js';

/** Orders of every set of loops; the set's bits are positions in {@link LOOPS}. */
const ORDERS_OF_SET: readonly (readonly LoopOrder[])[] = Array.from({ length: 1 << LOOPS.length }, (_, set) =>
  permutationsOf(LOOPS.map((_, loop) => loop).filter((loop) => (set >> loop) % 2 === 1)),
);

/** All orders that can differ: a loop with one trip changes nothing wherever it stands, so it is left out. */
export function loopOrders(trips: readonly number[]): readonly LoopOrder[] {
  const set = trips.reduce((bits, count, loop) => (count > 1 ? bits | (1 << loop) : bits), 0);
  return ORDERS_OF_SET[set] as readonly LoopOrder[];
}

function permutationsOf(loops: readonly number[]): readonly LoopOrder[] {
  if (loops.length === 0) return [[]];
  return loops.flatMap((first) =>
    permutationsOf(loops.filter((loop) => loop !== first)).map((rest) => [first, ...rest]),
  );
}
