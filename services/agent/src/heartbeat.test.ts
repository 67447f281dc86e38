import { expect, test } from 'vitest';
import { withHeartbeat } from './heartbeat.js';

async function* afterPauses(pauses: readonly number[]) {
  for (const ms of pauses) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    yield ms;
  }
}

test('silence is filled with heartbeats, and nothing of the source is lost', async () => {
  const seen: (number | undefined)[] = [];
  for await (const item of withHeartbeat(afterPauses([1, 120, 2]), 40)) seen.push(item);
  expect(seen.filter((item) => item !== undefined)).toEqual([1, 120, 2]);
  expect(seen).toContain(undefined);
});

test('an error of the source reaches the caller', async () => {
  async function* failing() {
    yield 1;
    throw new Error('broken');
  }
  const run = async () => {
    for await (const _ of withHeartbeat(failing(), 1000));
  };
  await expect(run()).rejects.toThrow('broken');
});
