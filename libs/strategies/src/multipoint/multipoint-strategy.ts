import {
  DEFAULT_POINTS,
  fitsBudget,
  MOST_POINTS,
  type PrecisionPolicy,
  type Proposal,
  type SearchProblem,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
  uniformInSpace,
} from '@bitwright/core';
import { defineOptions, integerOption } from '../options.js';
import { readPosition, writePosition } from '../position-snapshot.js';

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
  needs: { labels: true, gradients: false, finetuning: false, featureBatch: true, costTable: true },
  create: createMultipointStrategy,
};

function createMultipointStrategy({ problem, options }: StrategyContext): SearchStrategy {
  const { maximumPoints } = OPTIONS.read(options);
  const fits = (policy: PrecisionPolicy) => fitsBudget(problem.cost(policy), problem.constraints);
  let candidates: readonly Candidate[] | undefined;
  /** How many candidates were proposed or passed over. */
  let position = 0;
  return {
    async ask(count) {
      candidates ??= candidatesOf(problem, maximumPoints);
      const proposals: Proposal[] = [];
      for (; proposals.length < count && position < candidates.length; position += 1) {
        const policy = candidates[position]?.find(fits);
        if (policy !== undefined) proposals.push({ policy, origin: 'multipoint' });
      }
      return proposals;
    },
    async tell() {},
    snapshot: () => writePosition(position),
    restore: (snapshot) => {
      position = readPosition(snapshot, 'the multipoint strategy');
    },
  };
}

/** One width at one size with each width of activations, the widest first: the first that fits is proposed. */
type Candidate = readonly PrecisionPolicy[];

/** The largest first. */
function candidatesOf({ space, cost }: SearchProblem, maximumPoints: number): readonly Candidate[] {
  const widths = (role: 'weightBits' | 'activationBits') => [...new Set(space.layers.flatMap((layer) => layer[role]))];
  const activations = widths('activationBits').sort((a, b) => b - a);
  const ratios = SIZE_RATIOS.filter((limit) => limit <= maximumPoints);
  const narrow = widths('weightBits').filter((bits) => bits < 8);
  const candidates = narrow.flatMap((bits) =>
    ratios.map((limit) => {
      const points = { rule: 'size-ratio', limit, maximumPoints } as const;
      const scheme = { weightQuantizer: 'multipoint', points } as const;
      return activations.map((width): PrecisionPolicy => ({ ...uniformInSpace(space, bits, width), ...scheme }));
    }),
  );
  const sizeOf = ([widest]: Candidate) => cost(widest as PrecisionPolicy).sizeBytes;
  return candidates.sort((a, b) => sizeOf(b) - sizeOf(a));
}
