import { createRandomSource, type RandomSource } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveLevels, openBits } from './learned-levels.js';
import { detailGradients, detailsOf, levelGradients } from './level-gradients.js';
import { quantizeToLevels } from './nearest-level.js';
import { projectOntoUniform } from './uniform-projection.js';

const anyBits = fc.integer({ min: 1, max: 8 });
const anyValues = fc
  .array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 1, maxLength: 200 })
  .map((values) => Float32Array.from(values));

/** Ascending levels of `bits` bits with a different distance between each two. */
function unevenLevels(bits: number, random: RandomSource): Float32Array {
  return Float32Array.from({ length: 2 ** bits }, () => 2 * random.normal()).sort();
}

/** The first `open` gates open, the others closed, none out of the surrogate's reach. */
const scoresOf = (bits: number, open: number) =>
  Float32Array.from({ length: bits }, (_, gate) => (gate < open ? 0.5 : -0.5));

describe('gates', () => {
  it.each([
    [[0.5, 0.5, 0.5], 3],
    [[0.5, -0.1, 0.5], 1],
    [[-1, 0.5, 0.5], 1],
    [[0.5, 0.5, 0], 2],
  ])('%j leave %i bits: those behind a closed one do not count', (scores, bits) => {
    expect(openBits(Float32Array.from(scores))).toBe(bits);
  });
});

describe('effective levels', () => {
  it('are the means of neighbours', () => {
    const levels = Float32Array.of(-4, -2, 0, 2, 4, 6, 10, 20);
    expect(effectiveLevels(levels, 3)).toEqual(levels);
    expect(Array.from(effectiveLevels(levels, 2))).toEqual([-3, 1, 5, 15]);
    expect(Array.from(effectiveLevels(levels, 1))).toEqual([-1, 10]);
  });

  it('of s bits are ascending and at most 2^s, and quantizing twice changes nothing', () => {
    fc.assert(
      fc.property(anyValues, anyBits, anyBits, fc.nat(), (values, bits, asked, seed) => {
        const used = Math.min(asked, bits);
        const levels = effectiveLevels(unevenLevels(bits, createRandomSource(seed)), used);
        expect(levels).toEqual(levels.slice().sort());
        const quantized = quantizeToLevels(values, levels);
        expect(new Set(quantized).size).toBeLessThanOrEqual(2 ** used);
        expect(quantizeToLevels(quantized, levels)).toEqual(quantized);
        values.forEach((value, index) => {
          const distance = Math.abs(value - (quantized[index] as number));
          for (const level of levels) expect(distance).toBeLessThanOrEqual(Math.abs(value - level) + 1e-6);
        });
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuse to stand for %d', (value) => {
    expect(() => quantizeToLevels(Float32Array.of(0, value), Float32Array.of(0, 1))).toThrow('element 1');
  });
});

describe('gradients', () => {
  const random = createRandomSource(3);
  const values = Float32Array.from({ length: 300 }, () => random.normal());
  const upstream = values.map(() => random.normal());

  /** Σ upstream x_q, and with a correction α/2 Σ (x_q - x)². */
  const lossOf = (levels: Float32Array, open: number, correction: number) =>
    quantizeToLevels(values, effectiveLevels(levels, open)).reduce((sum, quantized, index) => {
      const missed = quantized - (values[index] as number);
      return sum + quantized * (upstream[index] as number) + (correction / 2) * missed * missed;
    }, 0);

  it.each([
    [4, 4, 0],
    [4, 2, 0],
    [4, 2, 0.3],
    [3, 1, 0.3],
  ])('of levels match finite differences: %i bits, %i open, correction %d', (bits, open, correction) => {
    const levels = unevenLevels(bits, random);
    const { levels: claimed } = levelGradients(values, { levels, scores: scoresOf(bits, open) }, upstream, correction);
    // Small enough that next to no value changes its level; those that do are as far from one as from the other.
    const step = 2e-3;
    levels.forEach((level, at) => {
      const moved = (by: number) => lossOf(levels.with(at, level + by), open, correction);
      const numeric = (moved(step) - moved(-step)) / (2 * step);
      if (correction === 0 && crossesTies(levels, at, step, open)) return;
      expect(claimed[at] as number).toBeCloseTo(numeric, 1);
    });
  });

  /** Whether some value would change its level, which the gradient does not see. */
  function crossesTies(levels: Float32Array, at: number, step: number, open: number): boolean {
    const codesFor = (by: number) => {
      const effective = effectiveLevels(levels.with(at, (levels[at] as number) + by), open);
      return quantizeToLevels(values, effective).map((level) => effective.indexOf(level));
    };
    return codesFor(step).join() !== codesFor(-step).join();
  }

  it('of values pass between the outermost levels only', () => {
    const learned = { levels: Float32Array.of(-1, 0, 1, 2), scores: scoresOf(2, 2) };
    const { values: claimed } = levelGradients(
      Float32Array.of(-3, -1, 0.4, 2.5),
      learned,
      Float32Array.of(1, 2, 3, 4),
      0,
    );
    expect(Array.from(claimed)).toEqual([0, 2, 3, 0]);
  });

  it('of gates are those of the relaxed levels, in which a gate is any real number', () => {
    const levels = unevenLevels(4, random);
    const toEffective = Float32Array.from({ length: 16 }, () => random.normal());
    const relaxed = (gates: readonly number[]) => {
      const result = new Float64Array(16).fill(effectiveLevels(levels, 0)[0] as number);
      gates.forEach((gate, index) => {
        detailsOf(levels, index + 1).forEach((detail, block) => {
          const size = 16 / 2 ** (index + 1);
          for (let at = 0; at < size; at += 1) result[block * size + at]! += gate * detail;
        });
      });
      return result;
    };
    const loss = (gates: readonly number[]) =>
      relaxed(gates).reduce((sum, level, at) => sum + level * (toEffective[at] as number), 0);
    expect(Array.from(relaxed([1, 1, 1, 1]), Math.fround)).toEqual(
      Array.from(levels, (level) => expect.closeTo(level, 5)),
    );
    expect(Array.from(relaxed([1, 1, 0, 0]).filter((_, at) => at % 4 === 0))).toEqual(
      Array.from(effectiveLevels(levels, 2), (level) => expect.closeTo(level, 5)),
    );
    detailGradients(levels, toEffective).forEach((claimed, gate) => {
      const at = (value: number) => loss([1, 1, 1, 1].with(gate, value));
      expect(claimed).toBeCloseTo((at(1.5) - at(0.5)) / 1, 4);
    });
  });

  it('reach the open gates and the first closed one, and only scores within 1 of 0', () => {
    const learned = { levels: unevenLevels(4, random), scores: Float32Array.of(1.5, 0.5, -0.2, 0.5) };
    const { scores } = levelGradients(values, learned, upstream, 0);
    expect(Array.from(scores, (score) => score !== 0)).toEqual([false, true, true, false]);
  });
});

describe('projection onto a uniform grid', () => {
  it('finds a grid on which the levels lie', () => {
    const levels = Float32Array.from({ length: 7 }, (_, code) => 0.3 * (code - 3));
    const { grid, meanSquaredError } = projectOntoUniform(levels, new Float32Array(7).fill(1), 3, true);
    expect(grid.scale).toBeCloseTo(0.3, 6);
    expect(meanSquaredError).toBeLessThan(1e-12);
  });

  it('is never worse than any other scale, but for what its search leaves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.boolean(), fc.nat(), (bits, signed, seed) => {
        const random = createRandomSource(seed);
        const levels = unevenLevels(bits, random).map((level) => (signed ? level : Math.abs(level)));
        const weights = levels.map(() => random.uniform());
        const { grid, meanSquaredError } = projectOntoUniform(levels, weights, bits, signed);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let candidate = 0.1; candidate < 1.5; candidate += 0.01) {
          const scale = grid.scale * candidate;
          let errors = 0;
          levels.forEach((level, index) => {
            const code = Math.min(Math.max(Math.round(level / scale), grid.lowest), grid.highest);
            errors += (weights[index] as number) * (level - scale * code) ** 2;
          });
          expect(meanSquaredError).toBeLessThanOrEqual((1.05 * errors) / total + 1e-9);
        }
      }),
      { numRuns: 50 },
    );
  });
});
