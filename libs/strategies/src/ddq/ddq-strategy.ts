import {
  type BitLearning,
  DEFAULT_LEARNING_RATES,
  metricOf,
  type PrecisionPolicy,
  type Proposal,
  type SearchProblem,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
  smallestPolicy,
  uniformInSpace,
} from '@bitwright/core';
import { defineOptions, integerOption, numberOption } from '../options.js';
import { readPosition, writePosition } from '../position-snapshot.js';

/** Most bits that a tensor of levels has. */
const MOST_BITS = 8;

const { gateOrder, levelRate, correction, gateRate } = DEFAULT_LEARNING_RATES;

const OPTIONS = defineOptions({
  learnings: integerOption('trainings, each under a smaller budget', { default: 4, minimum: 1, maximum: 50 }),
  step: numberOption('how much lower each next budget is, as a part of the way from the first to the least', {
    default: 0.15,
    minimum: 0.01,
    maximum: 0.5,
  }),
  maximumBits: integerOption('what every tensor starts with', { default: MOST_BITS, minimum: 1, maximum: MOST_BITS }),
  gateOrder: integerOption('1: gates are judged by their gradient, as published; 2: by its curvature, too', {
    default: gateOrder,
    minimum: 1,
    maximum: 2,
  }),
  levelRate: numberOption("learning rate of the levels, in shares of a tensor's first range", {
    default: levelRate,
    minimum: 0,
    maximum: 1,
  }),
  correction: numberOption('part of the way to the mean of its values that a level goes in a step', {
    default: correction,
    minimum: 0,
    maximum: 1,
  }),
  gateRate: numberOption("how far a gate's score moves at most in a hundredth of the training", {
    default: gateRate,
    minimum: 0,
    maximum: 1,
  }),
});

/**
 * DDQ (arXiv 2106.02295) as a strategy: the quantizer learns every layer's bits by gradient under the budget, then under
 * smaller ones for a front. What it proposes is the bits alone; they are measured with the search's own quantizers.
 */
export const ddqStrategy: StrategyDefinition = {
  name: 'ddq',
  description: 'bits learned by gradient while the network trains, under the budget and some smaller ones',
  options: OPTIONS.list,
  learnings: (options) => OPTIONS.read(options).learnings,
  create: createDdqStrategy,
};

function createDdqStrategy({ problem, options }: StrategyContext): SearchStrategy {
  const proposals = proposalsOf(problem, OPTIONS.read(options));
  let position = 0;
  return {
    async ask(count) {
      const next = proposals.slice(position, position + count);
      position += next.length;
      return next;
    },
    async tell() {},
    snapshot: () => writePosition(position),
    restore: (snapshot) => {
      position = readPosition(snapshot, 'the strategy ddq');
    },
  };
}

function proposalsOf(problem: SearchProblem, options: ReturnType<typeof OPTIONS.read>): readonly Proposal[] {
  const { learnings, step, maximumBits, gateOrder, ...rates } = options;
  const policy = uniformInSpace(problem.space, maximumBits);
  const ranges = limitedRanges(problem, policy);
  // Without a budget the first one is already below what the most bits take.
  const first = problem.constraints.length === 0 ? 1 : 0;
  return Array.from({ length: learnings }, (_, index) => (first + index) * step)
    .filter((way) => way < 1)
    .map((way, index) => {
      const limits = ranges.map(({ most, least, ...what }) => ({ ...what, limit: most - way * (most - least) }));
      const learning = { ...rates, gateOrder: gateOrder === 1 ? 1 : 2, maximumBits, limits } as const;
      return { policy, origin: `learned-${index + 1}`, learning };
    });
}

type LimitedRange = Omit<BitLearning['limits'][number], 'limit'> & { readonly most: number; readonly least: number };

/** From the budget down to the least that can be reached; without a budget from what bits are learned from, in latency or size. */
function limitedRanges({ space, cost, constraints }: SearchProblem, start: PrecisionPolicy): readonly LimitedRange[] {
  if (constraints.length > 0) {
    return constraints.map(({ metric, target, limit, smallest }) => ({ metric, target, most: limit, least: smallest }));
  }
  const [widest, narrowest] = [cost(start), cost(smallestPolicy(space))];
  const metric = widest.latencyMs === undefined ? 'size' : 'latency';
  const [most, least] = [widest, narrowest].map((price) => metricOf(price, metric) as number) as [number, number];
  return [{ metric, target: undefined, most, least }];
}
