import { completeSearchSpec, type Report, SearchManager, type SearchProgress } from '@bitwright/core';
import { expect, test } from 'vitest';
import { openSearches } from './fake-searches.js';

const SPEC = completeSearchSpec({
  model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
  ...{ dataset: { name: 'fake-images' }, hardware: [{ name: 'bismo-edge' }] },
  ...{ strategy: { name: 'random', options: {} }, maxTrials: 6 },
});

const open = () => openSearches({ strategy: { name: 'random', options: {} }, maxTrials: 6 });
const never = new AbortController().signal;
const TRIALS = 10_000;

/** A search that has ended, with so many trials. */
async function openLongSearch() {
  const { manager, store, run } = open();
  const { id } = await run();
  const stored = await store.trials(id);
  const like = stored.find(({ role }) => role === 'strategy');
  const more = Array.from({ length: TRIALS - stored.length }, (_, offset) => {
    const index = stored.length + offset;
    return { ...(like as (typeof stored)[number]), index, policyHash: `policy ${index}`, accuracy: index / TRIALS };
  });
  await store.addTrials(id, more, undefined);
  return { manager, id };
}

test('who watches ten thousand trials from the start lets others have their turn meanwhile', async () => {
  const { manager, id } = await openLongSearch();
  let turns = 0;
  const count = () => {
    turns += 1;
    others = setImmediate(count);
  };
  let others = setImmediate(count);
  const sequences: number[] = [];
  for await (const { sequence } of manager.watch(id, 0, never)) {
    if (sequence === 1) turns = 0;
    sequences.push(sequence);
  }
  clearImmediate(others);
  expect(sequences).toEqual(Array.from({ length: TRIALS }, (_, index) => index + 1));
  expect(turns).toBeGreaterThan(TRIALS / 200);
});

test('who comes back late is told of the last trials, and of the best of all', async () => {
  const { manager, id } = await openLongSearch();
  const updates: SearchProgress[] = [];
  for await (const update of manager.watch(id, TRIALS - 2, never)) updates.push(update);
  expect(updates.map(({ sequence, latest }) => [sequence, latest?.index])).toEqual([
    [TRIALS - 1, TRIALS - 2],
    [TRIALS, TRIALS - 1],
  ]);
});

test('the time of a search that was continued has no part of the night between', async () => {
  const { ports, quantizer, store } = open();
  let now = Date.UTC(2026, 0, 1, 18);
  const minute = 60_000;
  const measure = quantizer.evaluatePolicy;
  quantizer.parallelism = async () => 1;
  quantizer.evaluatePolicy = async (request, options) => {
    now += minute;
    return { ...(await measure(request, options)), seconds: 60 };
  };
  const manager = new SearchManager(
    { ...ports, clock: { ...ports.clock, now: () => now } },
    { maxRunning: 1, patienceMs: 60_000 },
  );
  const { id } = await manager.create('overnight', SPEC);
  for await (const { sequence } of manager.watch(id, 0, never)) if (sequence >= 5) break;
  await manager.cancel(id);
  const secondsOf = async () => (JSON.parse(await manager.report(id)) as Report).provenance.seconds;
  const measured = 60 * (await store.trials(id)).length;
  expect(await secondsOf()).toBeGreaterThanOrEqual(measured);
  now += 720 * minute;
  const morning = now;
  await manager.resume(id);
  for await (const _ of manager.watch(id, 0, never));
  expect(await secondsOf()).toBe(measured + (now - morning) / 1000);
});
