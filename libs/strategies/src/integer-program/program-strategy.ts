import type { Proposal, SearchProblem, SearchStrategy } from '@bitwright/core';
import { toPolicy } from '../allocation/decisions.js';
import { fittingBits } from '../allocation/fitting-bits.js';
import { currentPricing, type Pricing } from '../allocation/pricing.js';
import { proposeUpTo } from '../propose-up-to.js';
import type { PolicyProgram } from './policy-program.js';
import { NOTHING_PROPOSED, nextProposal, readProposalState, writeProposalState } from './proposals.js';

/** A problem's programs, the most promising first. */
export type ProgramsOf = (pricing: Pricing) => readonly PolicyProgram[] | Promise<readonly PolicyProgram[]>;

/**
 * A strategy that proposes the solutions of integer programs and what lies near them, and learns nothing from outcomes.
 * Where no program has a solution that fits, it proposes the policy that the search knows to fit.
 */
export function createProgramStrategy(problem: SearchProblem, programsOf: ProgramsOf): SearchStrategy {
  const priced = currentPricing(problem);
  let made: { readonly pricing: Pricing; readonly programs: readonly PolicyProgram[] } | undefined;
  let state = NOTHING_PROPOSED;
  const current = async () => {
    const pricing = await priced();
    if (made?.pricing !== pricing) made = { pricing, programs: await programsOf(pricing) };
    return made;
  };
  const next = async (): Promise<Proposal | undefined> => {
    const { pricing, programs } = await current();
    const found = await nextProposal(programs, state);
    state = found.state;
    if (found.proposal !== undefined) {
      return { policy: toPolicy(problem.space, found.proposal.bits), origin: found.proposal.origin };
    }
    if (state.proposed.length > 0) return undefined;
    const bits = fittingBits(pricing);
    state = { ...state, proposed: [bits] };
    return { policy: toPolicy(problem.space, bits), origin: 'fitting' };
  };
  return {
    ask: (count) => proposeUpTo(count, next),
    tell: async () => {},
    snapshot: () => writeProposalState(state),
    restore: (snapshot) => {
      state = readProposalState(snapshot, 2 * problem.layers.length);
    },
  };
}
