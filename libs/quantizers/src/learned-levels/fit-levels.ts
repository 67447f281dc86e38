import { invalidField } from '@bitwright/core';
import { assertBits } from '../bits.js';
import { iterateLloyd } from '../k-means/lloyd.js';
import { type SortedSample, sortSample } from '../k-means/sorted-sample.js';
import { measureMagnitudes } from '../magnitudes.js';
import type { LearnedLevels } from './learned-levels.js';

/** Enough for 64 levels to stand still, or nearly. */
const ITERATIONS = 200;

/** Keeps the levels of a constant from having no range, as a share of it. */
const SMALLEST_RANGE = 1e-6;

/**
 * The 2^bits levels that miss the values the least in the mean square, as far as Lloyd's iterations find them; all gates open
 * by half. They start half way between even levels from end to end and the values' quantiles, so that both the tails and
 * the bulk have some. Values with fewer different ones have their last level several times. Throws `invalid_argument` for no
 * values, and for NaN or infinity.
 */
export function fitLevels(values: Float32Array, bits: number): LearnedLevels {
  assertBits(bits);
  if (values.length === 0) throw invalidField('values', 'is empty; levels need at least one value', 'EMPTY');
  measureMagnitudes(values);
  const sample = sortSample(values);
  const found = iterateLloyd(sample, seedLevels(sample, 2 ** bits), ITERATIONS);
  const levels = new Float32Array(2 ** bits).fill(found.at(-1) as number);
  levels.set(found);
  const [first, last] = [levels[0] as number, levels.at(-1) as number];
  if (last === first) levels[levels.length - 1] = first + SMALLEST_RANGE * Math.max(1, Math.abs(first));
  return { levels, scores: new Float32Array(bits).fill(0.5) };
}

function seedLevels({ values }: SortedSample, count: number): readonly number[] {
  const [lowest, highest] = [values[0] as number, values.at(-1) as number];
  const seeds = Array.from({ length: count }, (_, index) => {
    const even = lowest + ((highest - lowest) * index) / (count - 1);
    const quantile = values[Math.floor(((index + 0.5) / count) * values.length)] as number;
    return Math.fround((even + quantile) / 2);
  });
  return [...new Set(seeds)];
}
