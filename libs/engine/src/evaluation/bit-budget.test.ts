import type { LayerPrecision } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { type BitBudget, gatePressure, type LearnedTensor, usageOf } from './bit-budget.js';
import { closeGates, openGates } from './close-gates.js';

const TENSORS: readonly LearnedTensor[] = [
  { layer: 0, role: 'weight' },
  { layer: 1, role: 'weight' },
];
const at = (...bits: readonly number[]) => bits.map((weightBits) => ({ weightBits, activationBits: 8 }));
const weightsOf =
  (...counts: readonly number[]) =>
  (limit: number): BitBudget => ({
    ...{ name: 'a budget', limit, unit: 1 },
    cost: (layer, { weightBits }) => (counts[layer] as number) * weightBits,
  });
const budget = weightsOf(100, 10);

const BOTH = [0, 1].flatMap((layer): LearnedTensor[] => [
  { layer, role: 'weight' },
  { layer, role: 'input' },
]);
const pairs = (...bits: readonly (readonly [number, number])[]) =>
  bits.map(([weightBits, activationBits]) => ({ weightBits, activationBits }));
const widest = (limit: number): BitBudget => ({
  ...{ name: 'a budget', limit, unit: 1 },
  cost: (_, { weightBits, activationBits }) => Math.max(weightBits, activationBits),
});

describe('a bit budget', () => {
  it('presses on each gate by what its bit costs, and only as far as it is exceeded', () => {
    const half = budget(220);
    expect(usageOf(half, at(4, 4))).toBe(2);
    const pressure = gatePressure([half], at(4, 4), TENSORS, { bits: 4, least: 1, strength: 0.5 });
    const [large, small] = [50 / 220, 5 / 220];
    const expected = [0, large, large, large, 0, small, small, small];
    expect(Array.from(pressure)).toEqual(expected.map((value) => expect.closeTo(value, 6)));
    expect(gatePressure([budget(440)], at(4, 4), TENSORS, { bits: 4, least: 1, strength: 1 })).toEqual(
      new Float32Array(8),
    );
  });

  it('is met by closing the gates with the smallest scores, none below the fewest bits', () => {
    const scores = [
      [1, 1, 0.3, 0.2],
      [1, 1, 0.1, 0.4],
    ];
    const scoreOf = (row: number, gate: number) => scores[row]?.[gate] as number;
    expect(closeGates([budget(340)], at(4, 4), TENSORS, 2, scoreOf)).toEqual(at(3, 4));
    expect(closeGates([budget(230)], at(4, 4), TENSORS, 2, scoreOf)).toEqual(at(2, 3));
    expect(closeGates([budget(200)], at(4, 4), TENSORS, 2, scoreOf)).toBeUndefined();
  });

  it('is filled with the gates of the highest scores that still fit', () => {
    const scoreOf = (row: number) => (row === 0 ? 0.9 : -0.5);
    expect(openGates([budget(350)], at(2, 2), TENSORS, 4, scoreOf)).toEqual(at(3, 4));
    expect(openGates([budget(220)], at(2, 2), TENSORS, 4, scoreOf)).toEqual(at(2, 2));
  });

  it('presses on both tensors where hardware runs them at the wider one, and on one where it alone saves', () => {
    const [even, odd] = [pairs([8, 8], [8, 8]), pairs([8, 4], [8, 8])];
    const pressureOn = (layers: readonly LayerPrecision[], budgets = [widest(8)]) =>
      [...gatePressure(budgets, layers, BOTH, { bits: 8, least: 2, strength: 1 })].map((value) => 8 * value);
    expect(pressureOn(even)).toEqual(
      Array(4)
        .fill([0, 0, ...Array(6).fill(0.5)])
        .flat(),
    );
    const weights = [0, 0, 0.5, 0.5, 1, 1, 1, 1];
    const inputs = [0, 0, 0.5, 0.5, 0, 0, 0, 0];
    expect(pressureOn(odd).slice(0, 16)).toEqual([...weights, ...inputs]);
    expect(pressureOn(even, [weightsOf(1, 1)(8)]).slice(8, 16)).toEqual(Array(8).fill(0));
  });

  it('is met by closing those of both tensors where neither saves alone, by the larger of their smallest scores', () => {
    const scores = [0.9, 0.1, 0.3, 0.4];
    const scoreOf = (row: number) => scores[row] as number;
    expect(closeGates([widest(14)], pairs([8, 8], [8, 8]), BOTH, 2, scoreOf)).toEqual(pairs([8, 8], [6, 6]));
    expect(closeGates([widest(14)], pairs([8, 4], [8, 8]), BOTH, 2, scoreOf)).toEqual(pairs([8, 4], [6, 6]));
  });

  it('looks past bits that save nothing for the next that does, by the smallest score on the way', () => {
    const rounded = (bits: number) => [2, 4, 8].find((width) => width >= bits) as number;
    const stepped = (limit: number): BitBudget => ({
      ...{ name: 'a budget', limit, unit: 1 },
      cost: (_, { weightBits, activationBits }) => rounded(weightBits) * rounded(activationBits),
    });
    const scoreOf = (row: number, gate: number) => (row === 3 && gate === 5 ? 0.01 : 0.9);
    expect(closeGates([stepped(100)], pairs([8, 8], [8, 8]), BOTH, 2, scoreOf)).toEqual(pairs([8, 8], [8, 4]));
  });
});
