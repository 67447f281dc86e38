import type { costProto } from '@bitwright/contracts';
import { type Cell, cellAt, cellsOf, isHole, ROUNDING } from '../cells.js';
import type { Check } from '../check.js';
import { skipUnlessSimulated } from '../provenance.js';

export const monotoneInBitsCheck: Check = {
  id: 'monotone-in-bits',
  promise: 'more bits never cost less time, energy or traffic',
  skipReason: skipUnlessSimulated,
  run: async ({ defaultTable }) => {
    const table = await defaultTable();
    return cellsOf(table).flatMap((cell) => widerCells(table, cell).flatMap((wider) => cheaperProblems(wider, cell)));
  },
};

/** The cells with the next wider weights and the next wider activations. */
function widerCells(table: costProto.CostTable, { layer, weight, activation }: Cell): readonly Cell[] {
  const next = [
    [weight + 1, activation],
    [weight, activation + 1],
  ] as const;
  return next
    .filter(([i, j]) => i < table.weightBits.length && j < table.activationBits.length)
    .map(([i, j]) => cellAt(table, layer, i, j))
    .filter((cell) => !isHole(cell));
}

export const monotoneInBatchCheck: Check = {
  id: 'monotone-in-batch',
  promise: 'more images never cost less time, energy or traffic',
  skipReason: (target) =>
    skipUnlessSimulated(target) ?? (target.capabilities.maximumBatch < 2 ? 'the batch is always 1' : undefined),
  run: async ({ tabulate }) => {
    const [one, two] = await Promise.all([tabulate({ batch: 1 }), tabulate({ batch: 2 })]);
    const ones = cellsOf(one);
    return cellsOf(two).flatMap((more, index) => {
      const less = ones[index];
      if (less === undefined) return [];
      return cheaperProblems(
        { ...more, place: `${more.place} for 2 images` },
        { ...less, place: `${less.place} for 1 image` },
      );
    });
  },
};

function cheaperProblems(more: Cell, less: Cell): readonly string[] {
  const pairs = [
    ['latency_ms', more.latencyMs, less.latencyMs],
    ['energy_mj', more.energyMj, less.energyMj],
    ['traffic_bytes', more.trafficBytes, less.trafficBytes],
  ] as const;
  return pairs
    .filter(([, larger, smaller]) => (larger ?? 0) < (smaller ?? 0) * (1 - ROUNDING))
    .map(([name, larger, smaller]) => `${name} is ${larger} for ${more.place}, less than ${smaller} for ${less.place}`);
}
