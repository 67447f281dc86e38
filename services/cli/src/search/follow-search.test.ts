import type { AgentClient } from '@bitwright/client';
import { BitwrightError, cancelledError, type SearchProgress, type SearchRecord } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { followSearch } from './follow-search.js';
import type { ProgressView } from './progress-view.js';

const update = (state: SearchProgress['state']) => ({ searchId: 'one', state }) as SearchProgress;

/** An agent whose search runs until it is cancelled or `end` is called. */
function fakeAgent() {
  let end = (_state: SearchProgress['state']) => {};
  const ended = new Promise<SearchProgress['state']>((resolve) => {
    end = resolve;
  });
  const calls: string[] = [];
  const agent = {
    async *watchSearch(_id: string, { signal }: { signal?: AbortSignal } = {}) {
      yield update('running');
      const gone = new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(cancelledError()), { once: true });
      });
      yield update(await Promise.race([ended, gone]));
    },
    cancelSearch: async () => {
      calls.push('cancel');
      end('cancelled');
      return {} as SearchRecord;
    },
  } as unknown as AgentClient;
  return { agent, calls, end };
}

function recordingView() {
  const shown: string[] = [];
  const view: ProgressView = {
    show: ({ state }) => shown.push(state),
    note: (text) => shown.push(text),
    stop: () => shown.push('stop'),
  };
  return { view, shown };
}

describe('following a search', () => {
  it('shows it to its end', async () => {
    const { agent, end, calls } = fakeAgent();
    const { view, shown } = recordingView();
    end('completed');
    const interrupted = new AbortController().signal;
    const last = await followSearch(agent, 'one', { view, interrupted, atInterrupt: 'cancel' });
    expect(last?.state).toBe('completed');
    expect(shown).toEqual(['running', 'completed', 'stop']);
    expect(calls).toEqual([]);
  });

  it('cancels it at Ctrl-C and goes on to its end', async () => {
    const { agent, calls } = fakeAgent();
    const { view, shown } = recordingView();
    const interrupt = new AbortController();
    const following = followSearch(agent, 'one', { view, interrupted: interrupt.signal, atInterrupt: 'cancel' });
    interrupt.abort();
    expect((await following)?.state).toBe('cancelled');
    expect(calls).toEqual(['cancel']);
    expect(shown.join()).toContain('the best so far is kept');
  });

  it('leaves it alone at Ctrl-C when it only watches', async () => {
    const { agent, calls } = fakeAgent();
    const { view } = recordingView();
    const interrupt = new AbortController();
    const following = followSearch(agent, 'one', { view, interrupted: interrupt.signal, atInterrupt: 'leave' });
    setTimeout(() => interrupt.abort(), 10);
    expect(await following).toBeUndefined();
    expect(calls).toEqual([]);
  });

  it('passes on what goes wrong, and takes the bar away first', async () => {
    const { view, shown } = recordingView();
    const failure = new BitwrightError('unavailable', 'GONE', 'the agent is gone');
    const agent = {
      watchSearch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }),
    } as unknown as AgentClient;
    const interrupted = new AbortController().signal;
    await expect(followSearch(agent, 'one', { view, interrupted, atInterrupt: 'cancel' })).rejects.toBe(failure);
    expect(shown).toEqual(['stop']);
  });
});
