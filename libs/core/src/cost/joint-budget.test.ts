import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SCHEME, type LayerPrecision, type PrecisionPolicy } from '../policy/policy.js';
import { searchJointBudget } from './joint-budget.js';
import type { LayerFigure } from './layer-figures.js';

const WIDTHS = [2, 4, 8];
const spaceOf = (layers: number) => ({
  ...DEFAULT_SCHEME,
  layers: Array.from({ length: layers }, () => ({ weightBits: WIDTHS, activationBits: [8] })),
});
/** Costs by layer and weight bits. */
const figureOf = (costs: readonly (readonly number[])[]): LayerFigure => {
  return (layer, { weightBits }) => costs[layer]?.[WIDTHS.indexOf(weightBits)] as number;
};
const totalOf = (figure: LayerFigure, { layers }: Pick<PrecisionPolicy, 'layers'>) =>
  layers.reduce((sum, pair, layer) => sum + figure(layer, pair), 0);

function allPolicies(layers: number): readonly (readonly LayerPrecision[])[] {
  let policies: readonly (readonly LayerPrecision[])[] = [[]];
  for (let layer = 0; layer < layers; layer += 1)
    policies = policies.flatMap((start) => WIDTHS.map((weightBits) => [...start, { weightBits, activationBits: 8 }]));
  return policies;
}

describe('several limits together', () => {
  it('are met where the cheapest policies of each are not the same', () => {
    const [first, second] = [
      figureOf([
        [1, 2, 9],
        [9, 2, 1],
      ]),
      figureOf([
        [9, 2, 1],
        [1, 2, 9],
      ]),
    ];
    const found = searchJointBudget(spaceOf(2), [
      { figure: first, limit: 4 },
      { figure: second, limit: 4 },
    ]);
    expect(found.verdict).toBe('fits');
    expect(found.policy.layers.map(({ weightBits }) => weightBits)).toEqual([4, 4]);
  });

  it('are proven to be out of reach where each alone is not', () => {
    const [few, many] = [figureOf([[1, 4, 9]]), figureOf([[9, 6, 1]])];
    const { verdict, leastShare } = searchJointBudget(spaceOf(1), [
      { figure: few, limit: 2 },
      { figure: many, limit: 2 },
    ]);
    expect(verdict).toBe('impossible');
    expect(leastShare).toBeGreaterThan(2);
  });

  it('are never called impossible where a policy meets them, nor met where none does', () => {
    const costs = fc.array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 3 }), {
      minLength: 3,
      maxLength: 3,
    });
    const limits = fc.array(fc.tuple(costs, fc.integer({ min: 3, max: 40 })), { minLength: 1, maxLength: 3 });
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(limits, (given) => {
        const limited = given.map(([table, limit]) => ({ figure: figureOf(table), limit }));
        const fits = (layers: readonly LayerPrecision[]) =>
          limited.every(({ figure, limit }) => totalOf(figure, { layers }) <= limit);
        const { verdict, policy, leastShare } = searchJointBudget(spaceOf(3), limited);
        verdicts.add(verdict);
        if (verdict === 'fits') expect(fits(policy.layers)).toBe(true);
        if (verdict === 'impossible') expect(allPolicies(3).some(fits)).toBe(false);
        for (const layers of allPolicies(3)) {
          const worst = Math.max(...limited.map(({ figure, limit }) => totalOf(figure, { layers }) / limit));
          expect(worst).toBeGreaterThanOrEqual(leastShare - 1e-9);
        }
      }),
    );
    expect(verdicts).toContain('fits');
    expect(verdicts).toContain('impossible');
  });
});
