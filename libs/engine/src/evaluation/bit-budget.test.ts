import { describe, expect, it } from 'vitest';
import { type BitBudget, closeGates, gatePressure, type LearnedTensor, openGates, usageOf } from './bit-budget.js';

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
});
