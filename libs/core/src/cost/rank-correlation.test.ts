import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankCorrelation, ranksOf } from './rank-correlation.js';

describe('ranks', () => {
  it('share their mean where values are equal', () => {
    expect(ranksOf([30, 10, 20, 20])).toEqual([4, 1, 2.5, 2.5]);
  });
});

describe('rank correlation', () => {
  it("is Spearman's: the textbook's intelligence and hours of television", () => {
    const intelligence = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
    expect(rankCorrelation(intelligence, hours)).toBeCloseTo(-29 / 165, 12);
  });

  it('is that of mid-ranks where values are equal', () => {
    // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });

  it('knows only the order', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(distinct, (values) => {
        expect(
          rankCorrelation(
            values,
            values.map((value) => value ** 3 + 5),
          ),
        ).toBeCloseTo(1, 12);
        expect(
          rankCorrelation(
            values,
            values.map((value) => -value),
          ),
        ).toBeCloseTo(-1, 12);
      }),
    );
  });

  it('is unknown where there is no order', () => {
    expect(rankCorrelation([1], [2])).toBeUndefined();
    expect(rankCorrelation([1, 2, 3], [5, 5, 5])).toBeUndefined();
  });
});
