import type { SearchPorts, StrategyDefinition } from '@bitwright/core';
import { findStrategy } from '@bitwright/strategies';
import { expect, test } from 'vitest';
import { openSearches } from './fake-searches.js';

/** A strategy that never ends its first proposal. */
function thinksForEver(onAsk: () => void): StrategyDefinition {
  const random = findStrategy('random');
  return {
    ...random,
    create: (context) => ({
      ...random.create(context),
      ask: () => {
        onAsk();
        return new Promise<never>(() => {});
      },
    }),
  };
}

test('a search is cancelled while its strategy still looks for the next policy', async () => {
  const { manager, ports, run } = openSearches({ maxTrials: 4 });
  let ended: Promise<unknown> | undefined;
  await new Promise<void>((onAsk) => {
    const strategy: SearchPorts['strategy'] = () => thinksForEver(onAsk);
    Object.assign(ports, { strategy });
    ended = run();
  });
  const [running] = (await manager.list({}, 1)).searches;
  expect((await manager.cancel(running?.id ?? '')).state).toBe('cancelled');
  await ended;
});
