import { type PrecisionPolicy, policyHash } from '../policy/policy.js';
import type { Proposal, SearchStrategy, TrialOutcome } from '../ports/search-strategy.js';

/** What is known of a policy. */
export type KnownOutcome = Omit<TrialOutcome, 'proposal'>;

/** So often in a row a strategy may propose nothing but repeats for nothing; then they take trials. */
const REPEATS_IN_A_ROW = 10;

/**
 * The strategy without the proposals whose policy was tried: it is told what is known of them at once, and they take no trial.
 * `outcomeOf` knows the outcomes that it was told, and no others: a search that goes on from a snapshot then sees the same
 * repeats as before. Bits that are still to be learned are never known.
 */
export function withoutRepeats(
  strategy: SearchStrategy,
  outcomeOf: (policy: PrecisionPolicy) => KnownOutcome | undefined,
): SearchStrategy {
  let asked: readonly AskedProposal[] = [];
  const tell = (fresh: readonly TrialOutcome[]) => strategy.tell(outcomesOf(asked, fresh));
  return {
    ask: async (count) => {
      for (let repeats = 0; ; repeats += 1) {
        const proposals = await strategy.ask(count);
        asked = repeats < REPEATS_IN_A_ROW ? findRepeats(proposals, outcomeOf) : proposals.map(asFresh);
        const fresh = asked.filter(({ outcome }) => outcome === undefined).map(({ proposal }) => proposal);
        if (fresh.length > 0 || proposals.length === 0) return fresh;
        await tell([]);
      }
    },
    tell,
    snapshot: () => strategy.snapshot(),
    restore: (snapshot) => strategy.restore(snapshot),
  };
}

/** A proposal, and what is known of it: an outcome, or the fresh proposal of the same batch, by position, that it repeats. */
type AskedProposal = { readonly proposal: Proposal; readonly outcome: KnownOutcome | number | undefined };

const asFresh = (proposal: Proposal): AskedProposal => ({ proposal, outcome: undefined });

function findRepeats(
  proposals: readonly Proposal[],
  outcomeOf: (policy: PrecisionPolicy) => KnownOutcome | undefined,
): readonly AskedProposal[] {
  /** Fresh ones, in their order. */
  const fresh = new Map<string, number>();
  let position = 0;
  return proposals.map((proposal) => {
    if (proposal.learning === undefined) {
      const hash = policyHash(proposal.policy);
      const outcome = outcomeOf(proposal.policy) ?? fresh.get(hash);
      if (outcome !== undefined) return { proposal, outcome };
      fresh.set(hash, position);
    }
    position += 1;
    return asFresh(proposal);
  });
}

/** Of all that was asked, in that order. */
function outcomesOf(asked: readonly AskedProposal[], fresh: readonly TrialOutcome[]): readonly TrialOutcome[] {
  const coming = fresh[Symbol.iterator]();
  return asked.flatMap(({ proposal, outcome }): readonly TrialOutcome[] => {
    const found = outcome === undefined ? coming.next().value : typeof outcome === 'number' ? fresh[outcome] : outcome;
    return found === undefined ? [] : [{ ...found, proposal }];
  });
}
