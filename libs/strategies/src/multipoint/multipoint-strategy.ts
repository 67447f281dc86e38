import {
  BitwrightError,
  DEFAULT_POINTS,
  fitsBudget,
  MOST_POINTS,
  type PrecisionPolicy,
  type SearchProblem,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
  uniformInSpace,
} from '@bitwright/core';
import { evenNoise } from '../allocation/quantization-noise.js';
import { allWidths } from '../allocation/uniform-policies.js';
import { defineOptions, integerOption } from '../options.js';

/** Sizes tried at each width, in multiples of what one point for each channel takes. */
const SIZE_RATIOS = [1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

const OPTIONS = defineOptions({
  maximumPoints: integerOption('points of one channel at most', {
    default: DEFAULT_POINTS.maximumPoints,
    minimum: 1,
    maximum: MOST_POINTS,
  }),
});

/**
 * One width below 8 bits everywhere, more points for the channels that need them: what mixed precision can be on hardware
 * with a single precision. The quantizer decides which channels those are; this decides how much size they may take.
 */
export const multipointStrategy: StrategyDefinition = {
  name: 'multipoint',
  description: 'one width everywhere and more low-bit vectors for the channels that need them, at several sizes',
  options: OPTIONS.list,
  create: createMultipointStrategy,
};

function createMultipointStrategy({ problem, options }: StrategyContext): SearchStrategy {
  const { maximumPoints } = OPTIONS.read(options);
  const candidates = candidatesOf(problem, maximumPoints);
  /** By their place among the candidates. */
  const proposed = new Set<number>();
  return {
    async ask(count) {
      const fitting = [...candidates.entries()].flatMap(([index, candidate]) => {
        const fit = proposed.has(index) ? undefined : widestThatFits(problem, candidate, maximumPoints);
        return fit === undefined ? [] : [{ index, ...fit }];
      });
      const best = fitting.toSorted((a, b) => a.noise - b.noise).slice(0, count);
      for (const { index } of best) proposed.add(index);
      return best.map(({ policy }) => ({ policy, origin: 'multipoint' }));
    },
    async tell() {},
    snapshot: () => Uint8Array.from(proposed),
    restore: (snapshot) => {
      proposed.clear();
      for (const index of readIndices(snapshot, candidates.length)) proposed.add(index);
    },
  };
}

/** One width at one size. */
type Candidate = { readonly bits: number; readonly ratio: number };

function candidatesOf({ space }: SearchProblem, maximumPoints: number): readonly Candidate[] {
  const narrow = allWidths(space, 'weightBits').filter((bits) => bits < 8);
  const ratios = SIZE_RATIOS.filter((ratio) => ratio <= maximumPoints);
  return narrow.flatMap((bits) => ratios.map((ratio) => ({ bits, ratio })));
}

/**
 * The candidate with the widest activations that fit, and the noise to expect: points add to a weight's bits about as they add
 * to its size (docs/quantizers/multipoint.md), and where each of them costs time as well activations have to be narrower.
 */
function widestThatFits(
  { space, cost, constraints }: SearchProblem,
  { bits, ratio }: Candidate,
  maximumPoints: number,
) {
  const points = { rule: 'size-ratio', limit: ratio, maximumPoints } as const;
  const scheme = { weightQuantizer: 'multipoint', points } as const;
  for (const width of allWidths(space, 'activationBits').toSorted((a, b) => b - a)) {
    const policy: PrecisionPolicy = { ...uniformInSpace(space, bits, width), ...scheme };
    if (fitsBudget(cost(policy), constraints)) return { policy, noise: evenNoise(bits * ratio, width) };
  }
  return undefined;
}

function readIndices(snapshot: Uint8Array, count: number): readonly number[] {
  const indices = [...snapshot];
  if (indices.every((index) => index < count) && new Set(indices).size === indices.length) return indices;
  throw new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', 'the snapshot is not one of the multipoint strategy');
}
