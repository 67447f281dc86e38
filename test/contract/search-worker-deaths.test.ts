import { BitwrightError, policyHash, type Report } from '@bitwright/core';
import { expect, test } from 'vitest';
import { openSearches } from './fake-searches.js';

const workerDied = () => new BitwrightError('unavailable', 'WORKER_DIED', 'a worker process died (SIGKILL)');
const openRandom = () => openSearches({ strategy: { name: 'random', options: {} }, maxTrials: 6 });
const failed = ({ trials }: Report) => trials.filter(({ error }) => error !== null);

test('a policy that ends its worker costs one trial, and is not tried for as long as a quantizer is waited for', async () => {
  const { manager, quantizer, run } = openRandom();
  let poison: string | undefined;
  let tries = 0;
  quantizer.before = ({ policy }) => {
    if (quantizer.requests.length < 9 || policy === undefined) return;
    poison ??= policyHash(policy);
    if (policyHash(policy) !== poison) return;
    tries += 1;
    throw workerDied();
  };
  const { id } = await run();
  const report = JSON.parse(await manager.report(id)) as Report;
  expect(report.state).toBe('completed');
  expect(failed(report)).toMatchObject([{ policyHash: poison, error: 'a worker process died (SIGKILL)' }]);
  expect(tries).toBe(1);
});

test('a final fine-tuning that ends its worker costs that policy, not the search', async () => {
  const { manager, quantizer, run } = openRandom();
  let poison: string | undefined;
  quantizer.before = ({ policy, split }) => {
    if (policy === undefined || split !== 'test') return;
    poison ??= policyHash(policy);
    if (policyHash(policy) === poison) throw workerDied();
  };
  const { id } = await run();
  const report = JSON.parse(await manager.report(id)) as Report;
  expect(report).toMatchObject({ state: 'completed', result: { testAccuracy: expect.any(Number) } });
  expect(report.result.policyHash).not.toBe(poison);
  expect(failed(report)).toMatchObject([{ role: 'finalist', split: 'test', accuracy: null, policyHash: poison }]);
});

test('a search none of whose policies can be fine-tuned has failed; resumed, it tries them again', async () => {
  const { manager, quantizer, run, watchToEnd } = openRandom();
  quantizer.before = ({ policy, split }) => {
    if (policy !== undefined && split === 'test') throw workerDied();
  };
  const { id } = await run();
  expect(await manager.get(id)).toMatchObject({
    ...{ state: 'failed', phase: 'finetuning' },
    failure: { reason: 'FINALISTS_FAILED', message: expect.stringContaining('a worker process died') },
  });
  expect(JSON.parse(await manager.report(id))).toMatchObject({ state: 'failed', result: { feasible: true } });
  quantizer.before = () => {};
  await manager.resume(id);
  await watchToEnd(id);
  const report = JSON.parse(await manager.report(id)) as Report;
  expect(report).toMatchObject({ state: 'completed', result: { testAccuracy: expect.any(Number) } });
  expect(report.baselines.every(({ testAccuracy }) => testAccuracy !== null)).toBe(true);
});
