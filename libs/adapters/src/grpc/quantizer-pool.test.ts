import { BitwrightError, type Quantizer } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { createQuantizerPool } from './quantizer-pool.js';

const away = () => new BitwrightError('unavailable', 'PEER_UNAVAILABLE', 'nobody answers');

/** A quantizer that is asked for work and finishes it when told; `fails` makes it refuse. */
function createMember(parallelism: number) {
  const open: (() => void)[] = [];
  const member = { asked: 0, fails: undefined as (() => Error) | undefined, finish: () => open.shift()?.() };
  const guard = () => {
    if (member.fails !== undefined) throw member.fails();
  };
  const quantizer = {
    parallelism: async () => {
      guard();
      return parallelism;
    },
    listModels: async () => {
      guard();
      return [{ network: `of-${parallelism}` }];
    },
    evaluatePolicy: async () => {
      guard();
      member.asked += 1;
      await new Promise<void>((resolve) => open.push(resolve));
      return { accuracy: parallelism };
    },
  } as unknown as Quantizer;
  return Object.assign(member, { quantizer });
}

const request = {} as Parameters<Quantizer['evaluatePolicy']>[0];

describe('several quantizers', () => {
  it('have all their workers together', async () => {
    const [small, large] = [createMember(1), createMember(3)];
    const pool = createQuantizerPool([small.quantizer, large.quantizer]);
    expect(await pool.parallelism()).toBe(4);
    large.fails = away;
    expect(await pool.parallelism()).toBe(1);
    small.fails = away;
    await expect(pool.parallelism()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('share work by their workers', async () => {
    const [small, large] = [createMember(1), createMember(3)];
    const pool = createQuantizerPool([small.quantizer, large.quantizer]);
    await pool.parallelism();
    const all = Array.from({ length: 8 }, () => pool.evaluatePolicy(request));
    expect([small.asked, large.asked]).toEqual([2, 6]);
    for (const member of [small, large]) for (let index = 0; index < 6; index += 1) member.finish();
    expect(await Promise.all(all)).toHaveLength(8);
  });

  it('take over from one that is away or busy, and no other failure', async () => {
    const [first, second] = [createMember(1), createMember(1)];
    const pool = createQuantizerPool([first.quantizer, second.quantizer]);
    first.fails = away;
    expect(await pool.listModels()).toEqual([{ network: 'of-1' }]);
    const work = pool.evaluatePolicy(request);
    await new Promise((resolve) => setImmediate(resolve));
    second.finish();
    expect(await work).toEqual({ accuracy: 1 });
    first.fails = () => new BitwrightError('invalid_argument', 'POLICY', 'wrong');
    await expect(pool.evaluatePolicy(request)).rejects.toMatchObject({ kind: 'invalid_argument' });
    expect(second.asked).toBe(1);
    first.fails = away;
    second.fails = () => new BitwrightError('resource_exhausted', 'QUEUE_FULL', 'busy');
    await expect(pool.evaluatePolicy(request)).rejects.toMatchObject({ kind: 'resource_exhausted' });
  });

  it('each try work that ended a worker once, and say so though another one is away', async () => {
    const died = () => new BitwrightError('unavailable', 'WORKER_DIED', 'a worker process died (SIGKILL)');
    const members = [createMember(1), createMember(1), createMember(1)] as const;
    const [first, second, third] = members;
    const pool = createQuantizerPool([first.quantizer, second.quantizer, third.quantizer]);
    const tried: number[] = [];
    members.forEach((member, index) => {
      member.fails = () => {
        tried.push(index);
        return index === 1 ? away() : died();
      };
    });
    await expect(pool.evaluatePolicy(request)).rejects.toMatchObject({ reason: 'WORKER_DIED' });
    expect(tried).toEqual([0, 1, 2]);
    third.fails = away;
    await expect(pool.evaluatePolicy(request)).rejects.toMatchObject({ reason: 'WORKER_DIED' });
    third.fails = undefined;
    const work = pool.evaluatePolicy(request);
    await new Promise((resolve) => setImmediate(resolve));
    third.finish();
    expect(await work).toEqual({ accuracy: 1 });
  });

  it('that are one are that one', () => {
    const { quantizer } = createMember(1);
    expect(createQuantizerPool([quantizer])).toBe(quantizer);
  });
});
