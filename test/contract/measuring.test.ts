import {
  BitwrightError,
  cancelledError,
  parseConstraint,
  type SearchProgress,
  type SensitivityRequest,
} from '@bitwright/core';
import { waitUntil } from '@bitwright/testing';
import { describe, expect, it, test } from 'vitest';
import { openSearches } from './fake-searches.js';

const SENSITIVITY = {
  ...{ strategy: { name: 'sensitivity', options: {} }, weightBits: [2, 4, 8], activationBits: [2, 4, 8] },
  ...{ budget: [parseConstraint('latency<=0.5x')], maxTrials: 4 },
};
const STEPS = 20;

type Given = Parameters<typeof openSearches>;

/**
 * Searches whose layers are measured in 20 steps of some seconds each by a clock that only they move. `before` is called
 * before each step and may throw or wait.
 */
function openMeasuring(store?: Given[1], stepSeconds = 10) {
  let passedMs = 0;
  const clock = {
    now: () => 1_800_000_000_000 + passedMs,
    sleep: async (_ms: number, signal?: AbortSignal) => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) throw cancelledError();
    },
  };
  const opened = openSearches(SENSITIVITY, store, { clock });
  const { measureSensitivity } = opened.quantizer;
  const fake = { measured: [] as string[], before: (_step: number): Promise<void> | void => {} };
  opened.quantizer.measureSensitivity = async (request: SensitivityRequest, { signal, onProgress } = {}) => {
    const known = new Set(request.known?.map((line) => line.split(' ')[0]));
    for (let step = 0; step < STEPS; step += 1) {
      if (known.has(`step/${step}`)) continue;
      await fake.before(step);
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) throw cancelledError();
      passedMs += 1000 * stepSeconds;
      fake.measured.push(`step/${step}`);
      const logLines = [`step/${step} ${step}`];
      onProgress?.({ phase: 'measuring sensitivity', done: step + 1, total: STEPS, logLines });
    }
    return measureSensitivity(request);
  };
  return { ...opened, fake };
}

const forever = () => new Promise<void>(() => {});
const stepsFrom = (first: number) => Array.from({ length: STEPS - first }, (_, index) => `step/${first + index}`);

test('the measurement of layers tells its phase, how many of how many are done, and what is left', async () => {
  const { run } = openMeasuring();
  const { progress } = await run();
  const measuring = progress.flatMap((update) => (update.measuring ? [update as Measuring] : []));
  expect(measuring.length).toBeGreaterThan(5);
  for (const { measuring: now, phase, etaSeconds } of measuring) {
    const { done, total, etaSeconds: left } = now;
    expect(now).toMatchObject({ phase: 'measuring sensitivity', total: STEPS });
    expect(phase).toBe('searching');
    if (done > 1) expect(left).toBeCloseTo(10 * (total - done), 6);
    if (done > 1) expect(etaSeconds).toBeGreaterThan(left ?? 0);
  }
  const counts = measuring.map(({ measuring: { done } }) => done);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toMatchObject({ state: 'completed', measuring: undefined });
});

type Measuring = SearchProgress & { readonly measuring: NonNullable<SearchProgress['measuring']> };

describe('what was measured of layers', () => {
  it('is taken over after a crash, which repeats the measurement under way alone', async () => {
    const dying = openMeasuring();
    dying.fake.before = (step) => (step === 7 ? forever() : undefined);
    const { id } = await dying.start();
    await waitUntil('the store to have it', async () => (await dying.store.measured(id)).lines.length === 7);
    const next = openMeasuring(dying.store);
    await next.manager.start();
    await next.watchToEnd(id);
    expect(await next.manager.get(id)).toMatchObject({ state: 'completed' });
    expect(next.fake.measured).toEqual(stepsFrom(7));
    expect((await next.store.measured(id)).lines).toEqual([]);
    const { sensitivity } = JSON.parse(await next.manager.report(id)) as { sensitivity: { seconds: number } };
    expect(sensitivity.seconds).toBeGreaterThanOrEqual(70);
  });

  it('is taken over when a quantizer is away for a while', async () => {
    const { run, fake, manager } = openMeasuring();
    let isAway = true;
    fake.before = (step) => {
      if (step !== 5 || !isAway) return;
      isAway = false;
      throw new BitwrightError('unavailable', 'CONNECTION_LOST', 'the quantizer is away');
    };
    const { id } = await run();
    expect((await manager.get(id)).state).toBe('completed');
    expect(fake.measured).toEqual(stepsFrom(0));
  });

  it('is kept when the search is cancelled', async () => {
    const { manager, store, fake, start, watchToEnd } = openMeasuring();
    let go = () => {};
    fake.before = (step) => (step === 3 ? new Promise<void>((resolve) => (go = resolve)) : undefined);
    const { id } = await start();
    await waitUntil('three steps', async () => (await store.measured(id)).lines.length === 3);
    const cancelled = manager.cancel(id);
    go();
    expect((await cancelled).state).toBe('cancelled');
    fake.before = () => {};
    await manager.resume(id);
    await watchToEnd(id);
    expect(fake.measured).toEqual(stepsFrom(0));
  });
});

describe('a time limit', () => {
  it('ends the measurement of layers, says how far it was, and lets whoever resumes go on for as long again', async () => {
    const { run, manager, fake, watchToEnd } = openMeasuring();
    const { id } = await run({ timeLimitSeconds: 125 });
    expect(await manager.get(id)).toMatchObject({
      state: 'failed',
      failure: {
        ...{ kind: 'deadline_exceeded', reason: 'TIME_LIMIT' },
        message: expect.stringMatching(/time limit of 125 s .* \(1[34] of 20 done\); .* resume the search/),
      },
    });
    const { measured } = fake;
    await manager.resume(id);
    await watchToEnd(id);
    expect((await manager.get(id)).state).toBe('completed');
    expect(measured).toEqual(stepsFrom(0));
  });

  it('counts what earlier processes took for it', async () => {
    const dying = openMeasuring();
    dying.fake.before = (step) => (step === 10 ? forever() : undefined);
    const { id } = await dying.start({ timeLimitSeconds: 125 });
    await waitUntil('ten steps', async () => (await dying.store.measured(id)).lines.length === 10);
    const next = openMeasuring(dying.store);
    await next.manager.start();
    await next.watchToEnd(id);
    expect((await next.manager.get(id)).failure?.reason).toBe('TIME_LIMIT');
    expect(next.fake.measured.length).toBeLessThan(6);
  });

  it('leaves for proposals what the measurement has not taken, and one batch of them at least', async () => {
    const { run, quantizer, manager } = openMeasuring(undefined, 1);
    const { measureSensitivity } = quantizer;
    quantizer.measureSensitivity = async (...asked) => ({ ...(await measureSensitivity(...asked)), seconds: 20 });
    const { id } = await run({ timeLimitSeconds: 21, maxTrials: 4 });
    expect((await manager.get(id)).state).toBe('completed');
    const limited = await run({ timeLimitSeconds: 20, maxTrials: 4 });
    const trials = async (searchId: string) =>
      (JSON.parse(await manager.report(searchId)) as { trials: { role: string }[] }).trials.filter(
        ({ role }) => role === 'strategy',
      ).length;
    expect(await trials(id)).toBe(4);
    expect(await trials(limited.id)).toBe(2);
  });
});
