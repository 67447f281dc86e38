import { describe, expect, it } from 'vitest';
import { type PrecisionPolicy, policyHash, uniformPolicy } from '../policy/policy.js';
import type { Proposal, SearchStrategy, TrialOutcome } from '../ports/search-strategy.js';
import { type KnownOutcome, withoutRepeats } from './without-repeats.js';

const proposal = (bits: number, origin = `at ${bits}`): Proposal => ({ policy: uniformPolicy(2, bits), origin });

/** Proposes what it is given, batch by batch, and keeps what it is told. */
function createScripted(batches: readonly (readonly Proposal[])[]) {
  const told: TrialOutcome[][] = [];
  let position = 0;
  const strategy: SearchStrategy = {
    ask: async () => batches[position++] ?? [],
    tell: async (outcomes) => void told.push([...outcomes]),
    snapshot: () => new Uint8Array(),
    restore: () => {},
  };
  return { strategy, told, asked: () => position };
}

/** Knows what it was shown, as a search knows its trials. */
function createMemory() {
  const known = new Map<string, KnownOutcome>();
  const outcomeOf = (policy: PrecisionPolicy) => known.get(policyHash(policy));
  const learn = (outcomes: readonly TrialOutcome[]) => {
    for (const { proposal: tried, ...outcome } of outcomes) known.set(policyHash(tried.policy), outcome);
  };
  return { outcomeOf, learn };
}

const outcome = (asked: Proposal, accuracy: number): TrialOutcome => ({ proposal: asked, accuracy, calibratedLoss: 1 });
const accuracies = (outcomes: readonly TrialOutcome[] | undefined) =>
  outcomes?.map(({ proposal: { origin }, accuracy }) => [origin, accuracy]);

describe('a strategy without repeats', () => {
  it('is told of all that it proposed, in its order, and only what is new is tried', async () => {
    const { strategy, told } = createScripted([
      [proposal(4)],
      [proposal(4, 'again'), proposal(6), proposal(6, 'twice')],
    ]);
    const { outcomeOf, learn } = createMemory();
    const wrapped = withoutRepeats(strategy, outcomeOf);
    const [first] = await wrapped.ask(1);
    const trial = outcome(first as Proposal, 0.4);
    await wrapped.tell([trial]);
    learn([trial]);
    const fresh = await wrapped.ask(3);
    expect(fresh.map(({ origin }) => origin)).toEqual(['at 6']);
    await wrapped.tell([outcome(fresh[0] as Proposal, 0.6)]);
    expect(told.map(accuracies)).toEqual([
      [['at 4', 0.4]],
      [
        ['again', 0.4],
        ['at 6', 0.6],
        ['twice', 0.6],
      ],
    ]);
  });

  it('is asked again where all was tried, and ends where it has no more', async () => {
    const { strategy, told } = createScripted([[proposal(4)], [proposal(4)], [proposal(8)], [proposal(4)]]);
    const { outcomeOf, learn } = createMemory();
    const wrapped = withoutRepeats(strategy, outcomeOf);
    for (const bits of [4, 8]) {
      const [fresh] = await wrapped.ask(1);
      expect(fresh?.origin).toBe(`at ${bits}`);
      const trial = outcome(fresh as Proposal, bits / 10);
      await wrapped.tell([trial]);
      learn([trial]);
    }
    expect(await wrapped.ask(1)).toEqual([]);
    expect(told).toHaveLength(4);
  });

  it('has its repeats tried once they are all that comes', async () => {
    const { strategy, asked } = createScripted(Array.from({ length: 100 }, () => [proposal(4)]));
    const wrapped = withoutRepeats(strategy, () => ({ accuracy: 0.4 }));
    expect(await wrapped.ask(1)).toHaveLength(1);
    expect(asked()).toBe(11);
  });

  it('never takes bits that are still to be learned for known', async () => {
    const learning = { limits: [], maximumBits: 8 } as unknown as Proposal['learning'];
    const { strategy } = createScripted([
      [
        { ...proposal(8), learning },
        { ...proposal(8), learning },
      ],
    ]);
    const wrapped = withoutRepeats(strategy, () => ({ accuracy: 0.4 }));
    expect(await wrapped.ask(2)).toHaveLength(2);
  });
});
