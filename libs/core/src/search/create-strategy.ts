import type { CorrectedPrices } from '../cost/corrected-prices.js';
import { widenToKernels } from '../policy/kernel-pairs.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { Proposal, SearchProblem, SearchStrategy } from '../ports/search-strategy.js';
import { createRandomSource, deriveSeed } from '../random.js';
import type { PreparedSearch } from './prepare-search.js';
import type { SearchPorts } from './search-ports.js';

/** What is measured of a problem before its strategy begins. */
export type MeasuredProblem = Pick<SearchProblem, 'floatAccuracy' | 'floatCalibratedLoss' | 'sensitivity'>;

/**
 * The strategy that the spec names, for this problem; its proposals are widened to pairs of bits that the hardware has
 * kernels for, and priced so. Throws `invalid_argument` for options it does not know.
 */
export function createStrategy(
  { layers, space, constraints, fitting, spec }: PreparedSearch,
  { cost, version }: CorrectedPrices,
  find: SearchPorts['strategy'],
  measured: MeasuredProblem,
): SearchStrategy {
  const widen = (policy: PrecisionPolicy) => widenToKernels(space, policy);
  const widenedCost = (policy: PrecisionPolicy) => cost(widen(policy));
  const prices = { cost: widenedCost, priceVersion: version, constraints, fitting };
  const problem = { layers, space, ...prices, ...measured, maxTrials: spec.maxTrials };
  const random = createRandomSource(deriveSeed(spec.seed, 'strategy'));
  const strategy = find(spec.strategy.name).create({ problem, random, options: spec.strategy.options });
  return withWidenedProposals(strategy, widen);
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
