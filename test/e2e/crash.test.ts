import { readdir } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectNatsEventBus } from '@bitwright/adapters';
import type { Report, Trial } from '@bitwright/core';
import { childPids, collectEvents, isRunning, waitUntil } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storedEventIds } from './event-log.js';
import { slowerSearch } from './small-search.js';
import { type Stack, startStack } from './stack.js';
import { indicesTo, tokenOf, trialsOf, watchUntil } from './watch.js';
import { writeSmallFashionMnist } from './write-idx.js';

let stack: Stack;
let data: string;
beforeAll(async () => {
  stack = await startStack({ quantizer: { 'log-level': 'debug' } });
  data = await writeSmallFashionMnist(`${stack.folder}/fashion-mnist-small`);
}, 300_000);
afterAll(() => stack?.stop());

const workers = () => childPids(stack.quantizer.pid(), /job-worker/);
const temporaryFolders = async (pid: number) =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`bitwright-quantizer-${hostname()}-${pid}-`));
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

/** Nothing is missing, nothing is there twice, and what was known before is as it was. */
function checkWhole(report: Report, before: readonly Trial[]): void {
  const { trials } = report;
  expect(report.state).toBe('completed');
  expect(trials.map(({ index }) => index)).toEqual(indicesTo(trials.length));
  for (const { index, policyHash, accuracy, seconds } of before) {
    expect(trials[index]).toMatchObject({ policyHash, accuracy, seconds });
  }
  expect(trials.filter(({ error }) => error !== null)).toEqual([]);
  expect(trials.filter(({ role }) => role === 'strategy')).toHaveLength(4);
  for (const role of ['baseline', 'finalist']) {
    const policies = trials.filter((trial) => trial.role === role).map(({ policyHash }) => policyHash);
    expect(new Set(policies).size).toBe(policies.length);
  }
}

describe('a search goes on to its end', () => {
  it('when a worker of the quantizer is killed in the middle of an evaluation', async () => {
    const { id } = await stack.client.createSearch(slowerSearch(data, { seed: 11 }));
    const before = await watchUntil(stack.client, id, ({ done }) => done >= 2);
    const deaths = () => count(stack.quantizer.output(), /a worker process died/g);
    const killed: number[] = [];
    // The death of a worker between two jobs is no news: only that of one with a job is logged.
    await waitUntil('a worker to die with a job', async () => {
      const [pid] = await workers();
      if (deaths() > 0 || pid === undefined) return deaths() > 0;
      process.kill(pid, 'SIGKILL');
      killed.push(pid);
      await sleep(100);
      return deaths() > 0;
    });
    const after = await watchUntil(stack.client, id, undefined, tokenOf(before));
    expect(after.at(-1)?.state).toBe('completed');
    checkWhole(await stack.client.getReport(id), trialsOf(before));
    expect(await workers()).not.toEqual(expect.arrayContaining(killed));
  }, 300_000);

  it('when the quantizer is killed and comes back on its port', async () => {
    const { id } = await stack.client.createSearch(slowerSearch(data, { seed: 12 }));
    const before = await watchUntil(stack.client, id, ({ done }) => done >= 3);
    const orphans = await workers();
    const left = await temporaryFolders(stack.quantizer.pid());
    await stack.quantizer.kill('SIGKILL');
    const allGone = async () => !(await Promise.all(orphans.map(isRunning))).includes(true);
    await waitUntil('its workers to end', allGone, 5_000);
    await sleep(1_000);
    expect(await stack.client.getSearch(id)).toMatchObject({ state: 'running', failure: undefined });
    await stack.quantizer.start();
    const after = await watchUntil(stack.client, id, undefined, tokenOf(before));
    expect(after.at(-1)?.state).toBe('completed');
    expect(orphans.length).toBeGreaterThan(0);
    expect(left).toHaveLength(1);
    expect(await readdir(tmpdir())).not.toContain(left[0]);
    checkWhole(await stack.client.getReport(id), trialsOf(before));
  }, 300_000);

  it('when the agent is killed and started again, without repeating more than what was in flight', async () => {
    const servedBefore = count(stack.quantizer.output(), /EvaluatePolicy[^\n]*call served/g);
    const { id } = await stack.client.createSearch(slowerSearch(data, { seed: 13 }));
    const patient = watchUntil(stack.client, id);
    const before = await watchUntil(stack.client, id, ({ done }) => done >= 6);
    await stack.agent.kill('SIGKILL');
    await sleep(500);
    await stack.agent.start();
    const after = await watchUntil(stack.client, id, undefined, tokenOf(before));
    expect(after.at(-1)?.state).toBe('completed');

    const report = await stack.client.getReport(id);
    checkWhole(report, trialsOf(before));
    const total = report.trials.length;
    // Watching begins with where the search stands: the trial known last may come once more, none before it does.
    const known = Number(tokenOf(before));
    expect(Math.min(...after.map(({ sequence }) => sequence))).toBeGreaterThanOrEqual(known);
    const news = trialsOf(after).filter(({ index }) => index >= known);
    expect(news.map(({ index }) => index)).toEqual(indicesTo(total).slice(known));
    expect(trialsOf(await patient).map(({ index }) => index)).toEqual(indicesTo(total));

    const served = count(stack.quantizer.output(), /EvaluatePolicy[^\n]*call served/g) - servedBefore;
    const measured = report.trials.filter(({ role, seconds }) => role !== 'finalist' && seconds > 0).length;
    expect(served).toBeGreaterThanOrEqual(measured);
    expect(served - measured).toBeLessThanOrEqual(2);
  }, 300_000);

  it('when NATS is killed and comes back, and every event is there once and in order', async () => {
    const bus = await connectNatsEventBus({ url: stack.nats.url });
    const events = collectEvents(bus);
    const { id } = await stack.client.createSearch(slowerSearch(data, { seed: 14 }));
    const before = await watchUntil(stack.client, id, ({ done }) => done >= 3);
    await stack.nats.kill();
    const without = await watchUntil(stack.client, id, ({ done }) => done >= 6, tokenOf(before));
    await stack.nats.start();
    await watchUntil(stack.client, id, undefined, tokenOf(without));
    const report = await stack.client.getReport(id);
    checkWhole(report, trialsOf(before));

    const own = () => events.distinct().filter(({ subject }) => subject === id);
    await waitUntil('the last event', () => own().at(-1)?.kind === 'search.completed', 20_000);
    await events.stop();
    await bus.close();
    const trials = own().filter(({ kind }) => kind === 'trial.evaluated');
    expect(trials.map(({ attributes }) => attributes['index'])).toEqual(indicesTo(report.trials.length));
    expect(own().map(({ kind }) => kind)).toEqual([
      ...['search.created', 'search.started', ...trials.map(({ kind }) => kind), 'search.completed'],
    ]);
    expect(await storedEventIds(stack.nats.url, id)).toEqual(own().map((event) => event.id));
  }, 300_000);

  it('when the agent is killed while NATS is away, and every event is there once and in order', async () => {
    await stack.nats.kill();
    const { id } = await stack.client.createSearch(slowerSearch(data, { seed: 15 }));
    const before = await watchUntil(stack.client, id, ({ done }) => done >= 4);
    await stack.agent.kill('SIGKILL');
    await stack.agent.start();
    await watchUntil(stack.client, id, undefined, tokenOf(before));
    const { trials } = await stack.client.getReport(id);
    await stack.agent.kill('SIGKILL');
    await stack.nats.start();
    await stack.agent.start();
    const ids = () => storedEventIds(stack.nats.url, id);
    const isComplete = async () => (await ids()).at(-1)?.includes('search.completed') === true;
    await waitUntil('the last event', isComplete, 20_000);
    const kinds = (await ids()).map((eventId) => eventId.slice(`${id}.`.length).split('.').slice(0, 2).join('.'));
    expect(kinds.filter((kind) => !kind.startsWith('trial.'))).toEqual([
      ...['search.created', 'search.started', 'search.started', 'search.completed'],
    ]);
    const told = (await ids()).filter((eventId) => eventId.includes('.trial.evaluated.'));
    expect(told).toEqual(indicesTo(trials.length).map((index) => `${id}.trial.evaluated.${index}`));
  }, 300_000);

  it('when the agent is killed while layers are measured, without measuring any of them again', async () => {
    const strategy = { name: 'sensitivity', options: {} };
    const { id } = await stack.client.createSearch(slowerSearch(data, { seed: 16, strategy, maxTrials: 2 }));
    const before = await watchUntil(stack.client, id, ({ measuring }) => (measuring?.done ?? 0) >= 40);
    const measured = before.at(-1)?.measuring;
    await stack.agent.kill('SIGKILL');
    await stack.agent.start();
    const after = await watchUntil(stack.client, id, undefined, tokenOf(before));
    const first = after.find(({ measuring }) => measuring?.phase === measured?.phase)?.measuring;
    expect(first?.done).toBeGreaterThan((measured?.done ?? 0) - 2);
    expect(after.some(({ measuring }) => (measuring?.etaSeconds ?? 0) > 0)).toBe(true);
    expect(after.at(-1)).toMatchObject({ state: 'completed', measuring: undefined });
  }, 300_000);
});
