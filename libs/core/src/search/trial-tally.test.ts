import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bestByValidation, rankFeasible } from './ranking.js';
import type { Trial } from './search.js';
import { tallyOf } from './trial-tally.js';

const quality = { accuracy: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }) };
const loss = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });

/** Trials whose policies, qualities and costs are often the same; those of one policy are as good and cost as much. */
const arbitraryTrials = fc
  .array(
    fc.record({
      role: fc.constantFrom('baseline', 'strategy', 'finalist'),
      ...{ policyHash: fc.constantFrom('a', 'b', 'c', 'd', 'e'), seconds: fc.nat(2), isFloat: fc.boolean() },
    }),
    { maxLength: 30 },
  )
  .chain((drafts) =>
    fc
      .array(fc.record({ ...quality, calibratedLoss: loss, latencyMs: fc.nat(2), feasible: fc.boolean() }), {
        ...{ minLength: 5, maxLength: 5 },
      })
      .map((qualities) =>
        drafts.map((draft, index) => toTrial(draft, qualities['abcde'.indexOf(draft.policyHash)], index)),
      ),
  );

function toTrial({ isFloat, ...draft }: object & { isFloat: boolean }, of: object | undefined, index: number): Trial {
  const { accuracy, calibratedLoss, latencyMs, feasible } = of as Trial & { readonly latencyMs: number };
  const found = { accuracy, calibratedLoss, validationAccuracy: accuracy, validationCalibratedLoss: calibratedLoss };
  return { ...draft, ...found, index, feasible, policy: isFloat ? undefined : {}, cost: { latencyMs } } as Trial;
}

it('says of trials, one after the other, what they say together', () => {
  fc.assert(
    fc.property(arbitraryTrials, (trials) => {
      const tally = tallyOf(trials);
      const measured = trials.filter(({ seconds, policy }) => seconds > 0 && policy !== undefined);
      const sum = (some: readonly Trial[]) => some.reduce((total, { seconds }) => total + seconds, 0);
      const count = (some: readonly Trial[], role: Trial['role']) => some.filter((trial) => trial.role === role).length;
      expect(tally).toMatchObject({ count: trials.length, latest: trials.at(-1), measuredSeconds: sum(measured) });
      expect(tally.strategySeconds).toBe(sum(trials.filter(({ role }) => role === 'strategy')));
      for (const role of ['baseline', 'strategy', 'finalist'] as const) {
        expect(tally.byRole[role]).toBe(count(trials, role));
        expect(tally.measured[role]).toBe(count(measured, role));
      }
      expect(tally.bestSearched).toBe(rankFeasible(trials)[0]);
      expect(tally.bestByValidation).toBe(bestByValidation(trials));
    }),
    { numRuns: 300 },
  );
});
