import type { AgentClient } from '@bitwright/client';
import { BitwrightError, invalidField, type PartialSearchSpec, type Report, type SearchRecord } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../surroundings.test-support.js';
import type { PlannedSearch } from './plan-searches.js';
import { runSearches } from './run-searches.js';

const plan = (strategy: string): PlannedSearch => {
  const spec = { strategy: { name: strategy, options: {} } } as PartialSearchSpec;
  return { strategy, seed: 1, spec, requestId: strategy };
};

/** An agent that has completed every search but those it refuses. */
function agentThatRefuses(refusals: Readonly<Record<string, BitwrightError>>): AgentClient {
  return {
    createSearch: async ({ strategy }: PartialSearchSpec) => {
      const refusal = refusals[strategy?.name ?? ''];
      if (refusal !== undefined) throw refusal;
      return { id: strategy?.name, state: 'completed' } as SearchRecord;
    },
    getSearch: async (id: string) => ({ id, state: 'completed' }) as SearchRecord,
    getReport: async () => ({}) as Report,
  } as unknown as AgentClient;
}

function run(refusals: Readonly<Record<string, BitwrightError>>) {
  const agent = agentThatRefuses(refusals);
  const { surroundings } = fakeSurroundings();
  return runSearches(['haq', 'ddq', 'ompq'].map(plan), { agent, surroundings, json: false });
}

const untrained = invalidField('spec.final_fidelity', 'has nothing to train on');

describe('searches of a comparison', () => {
  it('go on where one is refused, which is named', async () => {
    const { runs, failures } = await run({ ddq: untrained });
    expect(runs.map(({ strategy }) => strategy)).toEqual(['haq', 'ompq']);
    expect(failures).toEqual([
      { strategy: 'ddq', seed: 1, message: '--final-finetune-samples has nothing to train on' },
    ]);
  });

  it('end with what is there at Ctrl-C', async () => {
    const interrupt = new AbortController();
    const { surroundings } = fakeSurroundings({ interrupted: () => interrupt.signal });
    const agent = agentThatRefuses({});
    const getReport = async () => {
      interrupt.abort();
      return {} as Report;
    };
    const planned = ['haq', 'ddq', 'ompq'].map(plan);
    const { runs, isStopped } = await runSearches(planned, {
      agent: { ...agent, getReport },
      surroundings,
      json: false,
    });
    expect(runs.map(({ strategy }) => strategy)).toEqual(['haq']);
    expect(isStopped).toBe(true);
    expect((await run({})).isStopped).toBe(false);
  });

  it('end at once where the first is refused, or the agent is gone', async () => {
    await expect(run({ haq: untrained })).rejects.toBe(untrained);
    const gone = new BitwrightError('unavailable', 'UNAVAILABLE', 'no agent');
    await expect(run({ ddq: gone })).rejects.toBe(gone);
  });
});
