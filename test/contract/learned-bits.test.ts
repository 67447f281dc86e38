import { MemorySearchStore } from '@bitwright/adapters';
import {
  BitwrightError,
  DEFAULT_FINAL_FIDELITY,
  parseConstraint,
  type SearchProgress,
  type SearchStore,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { openSearches } from './fake-searches.js';

const DDQ = { budget: [parseConstraint('latency<=0.6x')], strategy: { name: 'ddq', options: {} } };

function openLearning(store: SearchStore = new MemorySearchStore()) {
  const learnedTrials = async (id: string) => (await store.trials(id)).filter(({ role }) => role === 'strategy');
  return { ...openSearches(DDQ, store), learnedTrials };
}

describe('a search with ddq', () => {
  it('has bits learned under the budget and smaller ones, as long as a final fine-tuning takes, then measures them', async () => {
    const { quantizer, run, learnedTrials } = openLearning();
    const { id, progress } = await run();
    const limits = quantizer.learnRequests.map(({ budget }) => (budget.kind === 'limits' ? budget.limits : []));
    expect(limits.map((each) => each.map(({ metric }) => metric))).toEqual(Array(4).fill(['latency']));
    expect(quantizer.learnRequests[0]).toMatchObject({
      ...{ split: 'validation', pin: 'first-last', minimumBits: 1, maximumBits: 8 },
      fidelity: { finetuneSamples: 8192, validationSamples: 5000 },
    });
    const trials = await learnedTrials(id);
    expect(trials.map(({ origin }) => origin).sort()).toEqual([1, 2, 3, 4].map((at) => `ddq/learned-${at}`));
    for (const { feasible, policy, accuracy } of trials) {
      expect(feasible).toBe(true);
      expect(policy).toMatchObject({ weightQuantizer: 'linear', granularity: 'per-channel' });
      expect(accuracy).toBeGreaterThan(0.5);
    }
    const { done, total, state } = progress.at(-1) as SearchProgress;
    expect([state, done]).toEqual(['completed', total]);
    const planned = progress.find(({ phase }) => phase === 'baselines')?.total ?? 0;
    expect(planned - total).toBeLessThanOrEqual(4);
  });

  it('uses the next wider bits that the search has, whose costs the limits are about', async () => {
    const { quantizer, run, learnedTrials } = openLearning();
    const budget = ['size<=0.7x', 'latency<=0.7x'].map((text) => parseConstraint(text));
    const { id } = await run({ weightBits: [4, 8], activationBits: [2, 4, 8], budget });
    expect(quantizer.learnRequests[0]).toMatchObject({
      ...{ widths: { weightBits: [4, 8], activationBits: [2, 4, 8] }, minimumBits: 2 },
    });
    const trials = await learnedTrials(id);
    expect(trials.map(({ feasible }) => feasible)).toEqual([true, true, true, true]);
    const widths = trials.flatMap(({ policy }) => policy?.layers.map((layer) => layer.weightBits));
    expect(new Set(widths)).toEqual(new Set([4, 8]));
  });

  it('limits what each of several targets takes by its own table', async () => {
    const { quantizer, run } = openLearning();
    await run({
      hardware: [{ name: 'bismo-edge' }, { name: 'bitfusion' }],
      budget: [parseConstraint('latency@bismo-edge<=0.6x'), parseConstraint('energy@bitfusion<=0.8x')],
      strategy: { name: 'ddq', options: { learnings: 1 } },
    });
    const [request] = quantizer.learnRequests;
    const limits = request?.budget.kind === 'limits' ? request.budget.limits : [];
    expect(limits.map((limited) => [limited.metric, 'table' in limited && limited.table.hardware])).toEqual([
      ['latency', 'bismo-edge'],
      ['energy', 'bitfusion'],
    ]);
  });

  it('goes on where a training diverges: that trial failed, the others stand', async () => {
    const { quantizer, manager, run, learnedTrials } = openLearning();
    const learn = quantizer.learnPrecision;
    quantizer.learnPrecision = async (request, options) => {
      const isSecond = quantizer.learnRequests.length === 1;
      const result = await learn(request, options);
      if (isSecond) throw new BitwrightError('failed_precondition', 'DIVERGED', 'diverged');
      return result;
    };
    const { id } = await run();
    expect((await manager.get(id)).state).toBe('completed');
    const errors = (await learnedTrials(id)).map(({ error }) => error);
    expect(errors.filter((error) => error === 'diverged')).toHaveLength(1);
    expect(errors.filter((error) => error === undefined)).toHaveLength(3);
  });

  it('does not learn again what it has stored when it is resumed', async () => {
    const { quantizer, manager, store, run } = openLearning();
    quantizer.before = () => {
      if (quantizer.learnRequests.length > 2) throw new BitwrightError('data_loss', 'POWER', 'the power went');
    };
    const { id } = await run();
    expect((await manager.get(id)).state).toBe('failed');
    const again = openLearning(store);
    await again.manager.resume(id);
    await again.watchToEnd(id);
    expect((await again.manager.get(id)).state).toBe('completed');
    expect(again.quantizer.learnRequests).toHaveLength(2);
    expect(await again.learnedTrials(id)).toHaveLength(4);
  });

  it('is refused without anything to train on', async () => {
    const { run, quantizer } = openLearning();
    await expect(run({ finalFidelity: { ...DEFAULT_FINAL_FIDELITY, finetuneSamples: 0 } })).rejects.toMatchObject({
      kind: 'invalid_argument',
      message: expect.stringContaining('spec.final_fidelity'),
    });
    expect(quantizer.requests).toEqual([]);
  });
});
