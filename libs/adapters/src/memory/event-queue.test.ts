import type { BitwrightEvent } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';

const event = (id: string): BitwrightEvent => ({ id, kind: 'search.started', subject: 's', time: 0, attributes: {} });

async function drain(queue: EventQueue): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of queue) ids.push(id);
  return ids;
}

describe('an event queue', () => {
  it('hands out what waits before it ends', async () => {
    const queue = new EventQueue();
    queue.push(event('1'));
    queue.push(event('2'));
    queue.finish();
    queue.push(event('3'));
    expect(await drain(queue)).toEqual(['1', '2']);
  });

  it('drops the oldest when the consumer is too slow', async () => {
    const queue = new EventQueue(2);
    for (const id of ['1', '2', '3']) queue.push(event(id));
    queue.finish();
    expect(await drain(queue)).toEqual(['2', '3']);
  });

  it('lets a producer wait for room', async () => {
    const queue = new EventQueue(1);
    const pushed: string[] = [];
    const producing = (async () => {
      for (const id of ['1', '2', '3']) {
        await queue.room();
        queue.push(event(id));
        pushed.push(id);
      }
      queue.finish();
    })();
    await Promise.resolve();
    expect(pushed).toEqual(['1']);
    expect(await drain(queue)).toEqual(['1', '2', '3']);
    await producing;
  });

  it('lets a producer go on that has no more time to wait', async () => {
    const queue = new EventQueue(1);
    queue.push(event('1'));
    const room = queue.room();
    queue.endWait();
    await room;
    queue.finish();
    expect(await drain(queue)).toEqual(['1']);
  });

  it('drops what waits when it is stopped, and says so', async () => {
    const queue = new EventQueue();
    let stops = 0;
    queue.onStop(() => {
      stops += 1;
    });
    queue.push(event('1'));
    queue.stop();
    expect(await drain(queue)).toEqual([]);
    expect(stops).toBeGreaterThan(0);
  });
});
