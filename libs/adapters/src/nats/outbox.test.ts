import { describe, expect, it } from 'vitest';
import { Outbox, type OutboxEntry } from './outbox.js';

const entry = (id: string): OutboxEntry => ({ id, subject: 's', payload: new Uint8Array() });

describe('an outbox', () => {
  it('gives the oldest entry until it is removed', () => {
    const outbox = new Outbox(10);
    const [first, second] = [entry('1'), entry('2')];
    outbox.push(first);
    outbox.push(second);
    expect(outbox.peek()).toBe(first);
    expect(outbox.peek()).toBe(first);
    outbox.remove(first);
    expect(outbox.peek()).toBe(second);
  });

  it('drops the oldest beyond its capacity and counts what it dropped', () => {
    const outbox = new Outbox(2);
    for (const id of ['1', '2', '3']) outbox.push(entry(id));
    expect(outbox.peek()?.id).toBe('2');
    expect(outbox.dropped).toBe(1);
  });

  it('keeps the next entry when the one that was sent had been dropped meanwhile', () => {
    const outbox = new Outbox(1);
    const sent = entry('1');
    outbox.push(sent);
    outbox.push(entry('2'));
    outbox.remove(sent);
    expect(outbox.peek()?.id).toBe('2');
  });

  it('wakes everyone who waits for a change', async () => {
    const outbox = new Outbox(1);
    const waiting = Promise.all([outbox.change(), outbox.change()]);
    outbox.push(entry('1'));
    await expect(waiting).resolves.toHaveLength(2);
  });
});
