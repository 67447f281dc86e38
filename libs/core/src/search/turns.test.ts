import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

/** Work by name that ends when it is told; `running` is what has begun and not ended. */
function open(atOnce: number) {
  const turns = new Turns(atOnce);
  const running = new Map<string, () => void>();
  const begin = (name: string, signal = new AbortController().signal) =>
    turns.run(signal, async () => {
      await new Promise<void>((resolve) => running.set(name, resolve));
      running.delete(name);
      return name;
    });
  const end = async (name: string) => {
    running.get(name)?.();
    await settled();
  };
  return { begin, end, names: () => [...running.keys()] };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('let so many run at once, and the others in their order', async () => {
    const { begin, end, names } = open(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => begin(name));
    await settled();
    expect(names()).toEqual(['a', 'b']);
    await end('b');
    expect(names()).toEqual(['a', 'c']);
    for (const name of ['a', 'c', 'd']) await end(name);
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are not lost when one that waits gives up', async () => {
    const { begin, end, names } = open(1);
    const giveUp = new AbortController();
    const work = [begin('a'), begin('b', giveUp.signal), begin('c')];
    await settled();
    giveUp.abort(new Error('no more'));
    await expect(work[1]).rejects.toThrow('no more');
    expect(names()).toEqual(['a']);
    await end('a');
    expect(names()).toEqual(['c']);
    await end('c');
    expect(await begin('d', AbortSignal.abort(new Error('too late'))).catch(String)).toBe('Error: too late');
    const last = [begin('e'), begin('f')];
    await settled();
    expect(names()).toEqual(['e']);
    for (const name of ['e', 'f']) await end(name);
    await Promise.all(last);
  });

  it('are not lost when work fails', async () => {
    const turns = new Turns(1);
    const { signal } = new AbortController();
    await expect(turns.run(signal, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await turns.run(signal, async () => 'next')).toBe('next');
  });
});
