import { completeSearchSpec, SearchManager } from '@bitwright/core';
import { expect, test } from 'vitest';
import { openSearches } from './fake-searches.js';

const SPEC = completeSearchSpec({
  model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
  ...{ dataset: { name: 'fake-images' }, hardware: [{ name: 'bismo-edge' }] },
  ...{ strategy: { name: 'random', options: {} }, maxTrials: 6 },
});

test('a search that waits does not lose its turn when another one that waits is cancelled', async () => {
  const { manager, quantizer, watchToEnd } = openSearches({});
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  quantizer.before = () => held;
  const [first, second, third] = [
    await manager.create('1', SPEC),
    await manager.create('2', SPEC),
    await manager.create('3', SPEC),
  ];
  expect(await manager.cancel(third.id)).toMatchObject({ state: 'cancelled' });
  goOn();
  for (const { id } of [first, second]) {
    await watchToEnd(id);
    expect(await manager.get(id)).toMatchObject({ state: 'completed' });
  }
});

test('a search that is resumed twice at once runs once', async () => {
  const { manager, ports, quantizer, store } = openSearches({});
  const { id } = await manager.create('1', SPEC);
  await manager.cancel(id);
  quantizer.requests.length = 0;
  // Two may run at once here, so that nothing but the manager keeps the same search from it.
  const wide = new SearchManager(ports, { maxRunning: 2, patienceMs: 60_000 });
  const resumed = await Promise.all([wide.resume(id), wide.resume(id), wide.resume(id)]);
  expect(resumed[0]?.state).toBe('pending');
  for (const { state } of resumed) expect(['pending', 'running']).toContain(state);
  for await (const _ of wide.watch(id, 0, new AbortController().signal));
  await wide.close();
  const stored = await store.trials(id);
  expect(await wide.get(id)).toMatchObject({ state: 'completed' });
  expect(quantizer.requests).toHaveLength(stored.filter(({ seconds }) => seconds > 0).length);
  await expect(wide.resume(id)).rejects.toMatchObject({ reason: 'SEARCH_COMPLETED' });
});
