import { describe, expect, it } from 'vitest';
import { bestByValidation, finalistsOf, rankFeasible, strategyBest } from './ranking.js';
import type { Trial, TrialRole } from './search.js';

let trials: Trial[] = [];

/** Appends a trial that fits; `calibratedLoss` and `accuracy` disagree where a test says so. */
function add(policyHash: string, role: TrialRole, change: Partial<Trial>): void {
  const cost = { latencyMs: 1, energyMj: undefined, sizeBytes: 100, bops: 1, effectiveBits: 4 };
  trials.push({
    ...{ searchId: 'one', index: trials.length, role, origin: policyHash, policy: undefined, policyHash, cost },
    ...{ feasible: true, accuracy: 0.9, calibratedLoss: undefined, split: 'validation', samples: 5000, seconds: 1 },
    ...{ validationAccuracy: undefined, validationCalibratedLoss: undefined, checkpointDigest: undefined },
    ...{ error: undefined, finishedAt: 0 },
    ...change,
  });
}

const begin = () => {
  trials = [];
};
const hashes = (ranked: readonly Trial[]) => ranked.map(({ policyHash }) => policyHash);

describe('the ranking of trials', () => {
  it('goes by the calibrated loss, not by the accuracy', () => {
    begin();
    add('lucky', 'strategy', { accuracy: 0.93, calibratedLoss: 0.23 });
    add('good', 'strategy', { accuracy: 0.928, calibratedLoss: 0.21 });
    expect(hashes(rankFeasible(trials))).toEqual(['good', 'lucky']);
  });

  it('puts those that diverged last, and leaves out what failed or does not fit', () => {
    begin();
    add('diverged', 'strategy', { accuracy: 0.1 });
    add('poor', 'strategy', { accuracy: 0.5, calibratedLoss: 1.4 });
    add('failed', 'strategy', { accuracy: undefined });
    add('dear', 'strategy', { feasible: false, calibratedLoss: 0.1 });
    expect(hashes(rankFeasible(trials))).toEqual(['poor', 'diverged']);
  });

  it('goes by accuracy where an earlier version measured', () => {
    begin();
    add('worse', 'strategy', { accuracy: 0.91 });
    add('better', 'strategy', { accuracy: 0.92 });
    expect(hashes(rankFeasible(trials))).toEqual(['better', 'worse']);
  });

  it('prefers the cheaper of equals, then the earlier', () => {
    begin();
    const cost = { latencyMs: 0.5, energyMj: undefined, sizeBytes: 100, bops: 1, effectiveBits: 4 };
    add('first', 'strategy', { calibratedLoss: 0.2 });
    add('second', 'strategy', { calibratedLoss: 0.2 });
    add('cheap', 'strategy', { calibratedLoss: 0.2, cost });
    expect(hashes(rankFeasible(trials))).toEqual(['cheap', 'first', 'second']);
  });
});

describe('after the final fine-tuning', () => {
  it('the result has the least loss on the validation split, whoever proposed it', () => {
    begin();
    add('uniform-5', 'baseline', { calibratedLoss: 0.22 });
    add('own', 'strategy', { calibratedLoss: 0.21 });
    add('uniform-5', 'finalist', { validationCalibratedLoss: 0.2, validationAccuracy: 0.92 });
    add('own', 'finalist', { validationCalibratedLoss: 0.201, validationAccuracy: 0.93 });
    expect(bestByValidation(trials)?.policyHash).toBe('uniform-5');
    expect(strategyBest(trials)?.policyHash).toBe('own');
  });

  it("tunes every control, the best policies and the strategy's best, each once", () => {
    begin();
    add('uniform-8', 'baseline', { calibratedLoss: 0.2, feasible: false });
    add('uniform-5', 'baseline', { calibratedLoss: 0.21 });
    add('own', 'strategy', { calibratedLoss: 0.23 });
    add('other', 'strategy', { calibratedLoss: 0.25 });
    add('uniform-5', 'strategy', { calibratedLoss: 0.21 });
    expect(hashes(finalistsOf(trials, 1))).toEqual(['uniform-8', 'uniform-5', 'own']);
  });
});
