import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actionToBits, actionToChoice, bitsToAction, unclampedBits } from './action-map.js';

type Case = { min_bits: number; max_bits: number; actions: number[]; bits: number[] };

const fixture = JSON.parse(readFileSync(new URL('fixtures/action-to-bits.json', import.meta.url), 'utf8')) as {
  action_to_bits: { cases: Case[] };
};

test.each(fixture.action_to_bits.cases)(
  "actions give the reference's bits between $min_bits and $max_bits",
  (golden) => {
    const range = { minimum: golden.min_bits, maximum: golden.max_bits };
    expect(golden.actions.map((action) => unclampedBits(action, range))).toEqual(golden.bits);
    expect(golden.actions.map((action) => actionToBits(action, range))).toEqual(
      golden.bits.map((bits) => Math.max(bits, golden.min_bits)),
    );
  },
);

test('the middle of the actions for some bits gives those bits', () => {
  const range = { minimum: 2, maximum: 8 };
  for (let bits = 2; bits <= 8; bits += 1) expect(actionToBits(bitsToAction(bits, range), range)).toBe(bits);
});

test('widths that are no choice round down to one', () => {
  expect([0, 0.3, 0.5, 0.7, 1].map((action) => actionToChoice(action, [2, 4, 8]))).toEqual([2, 4, 4, 4, 8]);
});
