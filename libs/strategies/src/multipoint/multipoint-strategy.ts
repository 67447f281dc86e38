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
import { integerOption, readOptions } from '../options.js';
import { readPosition, writePosition } from '../position-snapshot.js';

/** Sizes tried at each width, in multiples of what one point for each channel takes. */
const SIZE_RATIOS = [1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/**
 * One width below 8 bits everywhere, more points for the channels that need them: what mixed precision can be on hardware
 * with a single precision. The quantizer decides which channels those are; this decides how much size they may take.
 */
export const multipointStrategy: StrategyDefinition = {
  name: 'multipoint',
  description: 'one width everywhere and more low-bit vectors for the channels that need them, at several sizes',
  needs: { labels: true, gradients: false, finetuning: false, featureBatch: true, costTable: true },
  create: createMultipointStrategy,
};

function createMultipointStrategy({ problem, options }: StrategyContext): SearchStrategy {
  const { maximumPoints } = readOptions(options, {
    maximumPoints: integerOption({ default: DEFAULT_POINTS.maximumPoints, minimum: 1, maximum: MOST_POINTS }),
  });
  let candidates: readonly PrecisionPolicy[] | undefined;
  let position = 0;
  return {
    async ask(count) {
      candidates ??= fittingPolicies(problem, maximumPoints);
      const proposals = candidates.slice(position, position + count);
      position += proposals.length;
      return proposals.map((policy): Proposal => ({ policy, origin: 'multipoint' }));
    },
    async tell() {},
    snapshot: () => writePosition(position),
    restore: (snapshot) => {
      position = readPosition(snapshot, 'the multipoint strategy');
    },
  };
}

/** Each width at each size, with the widest activations that fit; the largest first. */
function fittingPolicies(
  { space, cost, constraints }: SearchProblem,
  maximumPoints: number,
): readonly PrecisionPolicy[] {
  const widths = (role: 'weightBits' | 'activationBits') => [...new Set(space.layers.flatMap((layer) => layer[role]))];
  const activations = widths('activationBits').sort((a, b) => b - a);
  const ratios = SIZE_RATIOS.filter((limit) => limit <= maximumPoints);
  const narrow = widths('weightBits').filter((bits) => bits < 8);
  const policies = narrow.flatMap((bits) =>
    ratios.flatMap((limit) => {
      const points = { rule: 'size-ratio', limit, maximumPoints } as const;
      const scheme = { weightQuantizer: 'multipoint', points } as const;
      const policy = (width: number): PrecisionPolicy => ({ ...uniformInSpace(space, bits, width), ...scheme });
      return activations.map(policy).find((candidate) => fitsBudget(cost(candidate), constraints)) ?? [];
    }),
  );
  return policies.sort((a, b) => cost(b).sizeBytes - cost(a).sizeBytes);
}
