import { countBelow } from '../count-below.js';
import type { CodeRange } from '../linear/grid.js';

/** All sums of coefficient x code that points can make together. */
export type CodeSums = {
  readonly ascending: Float64Array;
  /** Of each sum, in their order: one code for each point. */
  readonly codes: Int8Array;
};

/** The most sums that are looked at: beyond, they differ too little to be worth the time. */
const MOST_SUMS = 1024;

/**
 * All ways to give `points` points one code each; the codes of a way follow each other. Undefined where there are too many
 * to choose among them all.
 */
export function codeCombinations(range: CodeRange, points: number): Int8Array | undefined {
  const choices = choicesOf(range);
  if (choices.length ** points > MOST_SUMS) return undefined;
  const combinations = new Int8Array(points * choices.length ** points);
  for (let point = 0, stride = 1; point < points; point += 1, stride *= choices.length) {
    for (let way = 0; way * points < combinations.length; way += 1)
      combinations[way * points + point] = choices[Math.floor(way / stride) % choices.length] as number;
  }
  return combinations;
}

/** The sum of every way; ways of the same sum stay in their order. */
export function codeSums(combinations: Int8Array, coefficients: Float32Array): CodeSums {
  const points = coefficients.length;
  const sums = sumsOf(combinations, coefficients);
  // Without a function to compare by, numbers are sorted natively: looking the places up again takes less than it saves.
  const ascending = sums.toSorted();
  const taken = new Uint16Array(sums.length);
  const codes = new Int8Array(combinations.length);
  sums.forEach((sum, way) => {
    const first = countBelow(ascending, sum);
    const at = first + (taken[first] as number);
    taken[first] = (taken[first] as number) + 1;
    for (let point = 0; point < points; point += 1)
      codes[at * points + point] = combinations[way * points + point] as number;
  });
  return { ascending, codes };
}

/** The position of the nearest of ascending sums; of two as near, the lower. */
export function nearestSum({ ascending }: CodeSums, value: number): number {
  const above = countBelow(ascending, value, 0, ascending.length - 1);
  const isBelowNearer = above > 0 && value - (ascending[above - 1] as number) <= (ascending[above] as number) - value;
  return isBelowNearer ? above - 1 : above;
}

function choicesOf({ binary, lowest, highest }: CodeRange): readonly number[] {
  if (binary) return [lowest, highest];
  return Array.from({ length: highest - lowest + 1 }, (_, index) => lowest + index);
}

function sumsOf(combinations: Int8Array, coefficients: Float32Array): Float64Array {
  const points = coefficients.length;
  const sums = new Float64Array(combinations.length / points);
  for (let at = 0; at < combinations.length; at += 1) {
    const way = Math.floor(at / points);
    sums[way] = (sums[way] as number) + (coefficients[at % points] as number) * (combinations[at] as number);
  }
  return sums;
}
