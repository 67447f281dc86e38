import { BitwrightError } from '@bitwright/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { watchDeaths } from './watch-deaths.js';

let told: boolean[];
let watch: ReturnType<typeof watchDeaths>;
beforeEach(() => {
  told = [];
  watch = watchDeaths((works) => told.push(works));
});

const end = (reason: string) =>
  watch(Promise.reject(new BitwrightError('unavailable', reason, 'ended'))).catch(() => undefined);
const succeed = () => watch(Promise.resolve(1));

describe('deaths of children', () => {
  it('tell of a quantizer that cannot work, once, and the next result that it can again', async () => {
    for (let job = 0; job < 5; job += 1) await end('WORKER_DIED');
    expect(told).toEqual([false]);
    await succeed();
    await succeed();
    expect(told).toEqual([false, true]);
  });

  it('count in a row only, and what ends for another reason is none', async () => {
    await end('WORKER_DIED');
    await end('WORKER_DIED');
    await succeed();
    await end('WORKER_DIED');
    for (let job = 0; job < 5; job += 1) await end('POOL_CLOSED');
    expect(told).toEqual([]);
  });
});
