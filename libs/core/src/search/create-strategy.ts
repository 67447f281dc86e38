import type { CorrectedPrices } from '../cost/corrected-prices.js';
import { widenToKernels } from '../policy/kernel-pairs.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { Proposal, SearchProblem, SearchStrategy } from '../ports/search-strategy.js';
import { createRandomSource, deriveSeed } from '../random.js';
import type { PreparedSearch } from './prepare-search.js';
import type { Limits } from './resolve-limits.js';
import type { SearchPorts } from './search-ports.js';

/** What is measured of a problem before its strategy begins. */
export type MeasuredProblem = Pick<SearchProblem, 'floatAccuracy' | 'floatCalibratedLoss' | 'sensitivity'>;

/** What a strategy knows of a search. Policies are priced as they run: widened to pairs of bits that there are kernels for. */
export function toSearchProblem(
  { layers, space, constraints, fitting, spec }: Pick<PreparedSearch, keyof Limits | 'layers' | 'space' | 'spec'>,
  { cost, version }: CorrectedPrices,
  measured: MeasuredProblem,
): SearchProblem {
  const widenedCost = (policy: PrecisionPolicy) => cost(widenToKernels(space, policy));
  const prices = { cost: widenedCost, priceVersion: version, constraints, fitting };
  return { layers, space, ...prices, ...measured, maxTrials: spec.maxTrials };
}

/**
 * The strategy that the spec names, for this problem; its proposals are widened to pairs of bits that the hardware has
 * kernels for, and priced so. Throws `invalid_argument` for options it does not know.
 */
export function createStrategy(
  search: PreparedSearch,
  prices: CorrectedPrices,
  find: SearchPorts['strategy'],
  measured: MeasuredProblem,
): SearchStrategy {
  const { space, spec } = search;
  const problem = toSearchProblem(search, prices, measured);
  const random = createRandomSource(deriveSeed(spec.seed, 'strategy'));
  const strategy = find(spec.strategy.name).create({ problem, random, options: spec.strategy.options });
  return withWidenedProposals(strategy, (policy) => widenToKernels(space, policy));
}

/** The strategy hears of its own proposals, the world of the widened ones. */
function withWidenedProposals(
  strategy: SearchStrategy,
  widen: (policy: PrecisionPolicy) => PrecisionPolicy,
): SearchStrategy {
  const originals = new WeakMap<Proposal, Proposal>();
  return {
    ask: async (count) => {
      const proposals = await strategy.ask(count);
      return proposals.map((proposal) => {
        const widened = { ...proposal, policy: widen(proposal.policy) };
        originals.set(widened, proposal);
        return widened;
      });
    },
    tell: (outcomes) =>
      strategy.tell(
        outcomes.map((outcome) => ({ ...outcome, proposal: originals.get(outcome.proposal) ?? outcome.proposal })),
      ),
    snapshot: () => strategy.snapshot(),
    restore: (snapshot) => strategy.restore(snapshot),
  };
}
