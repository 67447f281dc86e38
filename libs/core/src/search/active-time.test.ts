import { describe, expect, it } from 'vitest';
import { activeSeconds } from './active-time.js';
import type { Trial } from './search.js';

const HOUR = 3600;

/** A trial that ran between these times, s. */
const trial = (from: number, to: number) => ({ finishedAt: 1000 * to, seconds: to - from }) as Trial;

const secondsOf = (trials: readonly Trial[], startedAt: number, now: number) =>
  activeSeconds(trials, 1000 * startedAt, 1000 * now);

describe('the time in which a search ran', () => {
  it('is that since it began, when nothing came between', () => {
    expect(secondsOf([], 100, 130)).toBe(30);
    expect(secondsOf([trial(101, 105), trial(104, 120), trial(125, 129)], 100, 130)).toBe(30);
  });

  it('has no part of the night between an evening and the next day', () => {
    const evening = [trial(0, 60), trial(62, 90)];
    const nextDay = 12 * HOUR;
    expect(secondsOf([...evening, trial(nextDay + 5, nextDay + 20)], nextDay, nextDay + 30)).toBe(60 + 28 + 30);
  });

  it('counts trials that ran side by side once', () => {
    const before = [trial(0, 60), trial(10, 50), trial(55, 70)];
    expect(secondsOf(before, 1000, 1010)).toBe(70 + 10);
  });

  it('has nothing of trials that took over what was known', () => {
    expect(secondsOf([trial(50, 50), trial(0, 10)], 100, 110)).toBe(20);
  });
});
