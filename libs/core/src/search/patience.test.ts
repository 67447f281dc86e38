import { describe, expect, it } from 'vitest';
import { BitwrightError } from '../errors.js';
import { createSleepyClock } from '../fixtures/sleepy-clock.js';
import { Patience } from './patience.js';

const away = (message = 'board:1 does not answer') => new BitwrightError('unavailable', 'PEER_UNAVAILABLE', message);

function open(limitMs: number, signal = new AbortController().signal) {
  const clock = createSleepyClock();
  const seen: unknown[] = [];
  const patience: Patience = new Patience({
    ...{ clock, signal, limitMs },
    onChange: () => seen.push(patience.waitingFor),
  });
  return { clock, patience, seen };
}

/** Fails so often with the error, then answers. */
function failing(times: number, error: unknown = away()) {
  let left = times;
  return async () => {
    if (left-- > 0) throw error;
    return 'answer';
  };
}

describe('patience', () => {
  it('does not wait for a peer that answers', async () => {
    const { patience, seen, clock } = open(60_000);
    expect(await patience.wait('hardware board', failing(0))).toBe('answer');
    expect([seen, clock.slept]).toEqual([[], []]);
  });

  it('tells what it waits for, since when, until when and why; then that it goes on', async () => {
    const { patience, seen, clock } = open(60_000);
    expect(await patience.wait('hardware board', failing(4))).toBe('answer');
    const wait = { peer: 'hardware board', since: 1_000_000, until: 1_060_000, reason: 'board:1 does not answer' };
    expect(seen).toEqual([wait, undefined]);
    expect(clock.slept).toEqual([200, 400, 800, 1600]);
  });

  it('counts from the first failure, not from the beginning of the work', async () => {
    const { patience, clock } = open(1_000);
    let tries = 0;
    const long = async () => {
      await clock.sleep(50_000);
      if (++tries < 2) throw away();
      return 'answer';
    };
    expect(await patience.wait('quantizer', long)).toBe('answer');
  });

  it('gives up after the limit, naming the peer, its address and how long it waited', async () => {
    const { patience, seen, clock } = open(30_000);
    await expect(patience.wait('hardware board', failing(1000))).rejects.toMatchObject({
      ...{ kind: 'unavailable', reason: 'PEER_UNAVAILABLE' },
      message: 'waited 30 s for hardware board in vain: board:1 does not answer',
    });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(30_000);
    expect(seen).toEqual([patience.waitingFor]);
  });

  it('waits for a peer that is busy, and for hardware that may yet announce itself', async () => {
    const { patience } = open(60_000);
    const busy = new BitwrightError('resource_exhausted', 'QUEUE_FULL', 'busy');
    const unannounced = new BitwrightError('not_found', 'HARDWARE_NOT_ANNOUNCED', 'not yet');
    expect(await patience.wait('quantizer', failing(2, busy))).toBe('answer');
    expect(await patience.wait('hardware board', failing(2, unannounced))).toBe('answer');
  });

  it('passes any other error on at once, also while it waits', async () => {
    const { patience, seen } = open(60_000);
    const wrong = new BitwrightError('invalid_argument', 'BATCH', 'too many images');
    await expect(patience.wait('hardware board', failing(1, wrong))).rejects.toBe(wrong);
    expect(seen).toEqual([]);
    const errors = [away(), wrong];
    const work = () => Promise.reject(errors.shift());
    await expect(patience.wait('hardware board', work)).rejects.toBe(wrong);
  });

  it('does not wait where work ended its worker: the peer is there', async () => {
    const { patience, clock } = open(60_000);
    const died = new BitwrightError('unavailable', 'WORKER_DIED', 'a worker process died (SIGKILL)');
    await expect(patience.wait('quantizer', failing(1, died))).rejects.toBe(died);
    expect(clock.slept).toEqual([]);
  });

  it('ends when the search is cancelled', async () => {
    const { patience } = open(60_000, AbortSignal.abort());
    await expect(patience.wait('hardware board', failing(1000))).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('tells of the longest of several waits', async () => {
    const { patience } = open(60_000);
    let release = () => {};
    const held = new Promise<string>((resolve) => {
      release = () => resolve('answer');
    });
    let tries = 0;
    const first = patience.wait('quantizer', () => (++tries === 1 ? Promise.reject(away()) : held));
    await patience.wait('hardware board', failing(2));
    expect(patience.waitingFor?.peer).toBe('quantizer');
    release();
    await first;
    expect(patience.waitingFor).toBeUndefined();
  });
});
