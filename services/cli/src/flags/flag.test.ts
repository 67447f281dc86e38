import { BitwrightError } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { AGENT_FLAGS } from './address-flags.js';
import { type RawFlags, readFlagValues } from './flag.js';
import { SEARCH_FLAGS } from './search-flags.js';

function refusalOf(raw: RawFlags): BitwrightError {
  try {
    readFlagValues({ ...SEARCH_FLAGS, ...AGENT_FLAGS }, raw);
  } catch (error) {
    if (error instanceof BitwrightError) return error;
  }
  throw new Error('it was not refused');
}

describe('flags', () => {
  it('let the last of several values count, and keep all of a repeatable one', () => {
    const values = readFlagValues(SEARCH_FLAGS, { seed: ['1', '2'], budget: ['latency<=1ms', 'energy<=0.5x'] });
    expect(values.seed).toBe(2);
    expect(values.budget).toHaveLength(2);
  });

  it('are all named when several are wrong', () => {
    const { kind, violations } = refusalOf({ trials: ['many'], width: ['0'], pin: ['middle'] });
    expect(kind).toBe('invalid_argument');
    expect(violations).toEqual([
      { field: '--trials', description: 'is "many"; use a whole number from 1 to 10000' },
      { field: '--width', description: 'is "0"; use a number above 0, up to 16' },
      { field: '--pin', description: 'is "middle"; use first-last or none' },
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['trials', '2.5', /use a whole number/],
    ['trials', '', /use a whole number/],
    ['learning-rate', 'fast', /use a number above 0/],
    ['network', ' ', /is empty; give a value/],
    ['budget', 'speed<=3', /"speed" is none of latency, energy, size/],
    ['budget', 'latency<3', /is not a budget; write for example "latency<=0.6x"/],
    ['strategy-option', 'noise', /write key=value/],
    ['address', 'localhost', /write host:port, for example 127.0.0.1:7001/],
  ])('say how to mend --%s "%s"', (name, text, fix) => {
    expect(refusalOf({ [name]: [text] }).violations).toEqual([
      { field: `--${name}`, description: expect.stringMatching(fix) },
    ]);
  });
});
