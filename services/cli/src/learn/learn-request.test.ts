import { describe, expect, it } from 'vitest';
import { type RawFlags, readFlagValues } from '../flags/flag.js';
import { LEARN_FLAGS } from '../flags/learn-flags.js';
import { requireLearnFlags } from './learn-request.js';

const NEEDED: RawFlags = { network: ['mobilenet-v1'], dataset: ['fashion-mnist'] };
const check = (raw: RawFlags) => () => requireLearnFlags(readFlagValues(LEARN_FLAGS, { ...NEEDED, ...raw }));
const onEdge = { hardware: ['bismo-edge'] };

describe('the flags of `bitwright learn`', () => {
  it.each<[RawFlags, RegExp]>([
    [{ ...onEdge, budget: ['latency@bismo-cloud<=0.5x'] }, /--budget: limits "bismo-cloud", which is not the target/],
    [{ ...onEdge, budget: ['latency=0.5x'] }, /--budget: "latency=0.5x" is not a budget/],
    [{ batch: ['4'] }, /--batch: needs --hardware/],
    [{ count: ['all'] }, /--count: needs --hardware/],
  ])('are refused where one of them would be ignored: %j', (raw, message) => {
    expect(check(raw)).toThrow(message);
  });

  it.each<RawFlags>([
    {},
    { ...onEdge, budget: ['latency<=0.5x'], batch: ['4'], count: ['all'] },
    { ...onEdge, budget: ['latency@bismo-edge<=0.5x'] },
  ])('are taken as in %j', (raw) => {
    expect(check(raw)).not.toThrow();
  });
});
