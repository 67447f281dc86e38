import { countBelow } from '../count-below.js';
import type { LinearGrid } from '../linear/grid.js';
import { type PointSum, residualOf } from './channel-points.js';
import { dot, fitCoefficients } from './fit-coefficients.js';

/** The codes of a grid. */
export type CodeRange = Omit<LinearGrid, 'scale'>;

/** The most sums that all points' codes may make: beyond, they differ too little to be worth the time. */
const MOST_SUMS = 1024;

const ROUNDS = 20;

/** A round that takes a smaller part of the error is the last. */
const LEAST_GAIN = 0.003;

/**
 * Codes and coefficients of all points together, in turn: each weight gets the codes whose sum lies nearest, then the
 * coefficients are fitted to these codes, as long as the error over the weights falls. One after the other, codes of an
 * earlier point do not know what later ones can add: two points of two bits leave a quarter more than need be.
 */
export function chooseTogether(channel: Float32Array, start: PointSum, range: CodeRange): PointSum {
  const choices = codesOf(range);
  if (start.codes.length < 2 || choices.length ** start.codes.length > MOST_SUMS) return start;
  const combinations = combinationsOf(choices, start.codes.length);
  let best = start;
  let error = squaresOf(residualOf(channel, start));
  for (let round = 0; round < ROUNDS; round += 1) {
    const codes = nearestSums(channel, best.coefficients, combinations);
    const next = { codes, coefficients: fitCoefficients(channel, codes) };
    const left = squaresOf(residualOf(channel, next));
    if (!(left < error)) break;
    best = next;
    if (left > (1 - LEAST_GAIN) * error) break;
    error = left;
  }
  return best;
}

const squaresOf = (values: Float64Array) => dot(values, values);

function codesOf({ binary, lowest, highest }: CodeRange): readonly number[] {
  if (binary) return [lowest, highest];
  return Array.from({ length: highest - lowest + 1 }, (_, index) => lowest + index);
}

/** All ways to give `points` points one code each; the codes of a way follow each other. */
function combinationsOf(choices: readonly number[], points: number): Int8Array {
  const combinations = new Int8Array(points * choices.length ** points);
  for (let point = 0, stride = 1; point < points; point += 1, stride *= choices.length) {
    for (let way = 0; way * points < combinations.length; way += 1)
      combinations[way * points + point] = choices[Math.floor(way / stride) % choices.length] as number;
  }
  return combinations;
}

/** The codes of each point with which every weight is approximated best. A weight's sign turns the signs of its codes. */
function nearestSums(channel: Float32Array, coefficients: Float32Array, combinations: Int8Array): readonly Int8Array[] {
  const points = coefficients.length;
  const sums = sumsOf(combinations, coefficients);
  const order = Uint16Array.from(sums, (_, way) => way).sort((a, b) => (sums[a] as number) - (sums[b] as number));
  const ascending = sums.toSorted();
  const codes = Array.from(coefficients, () => new Int8Array(channel.length));
  for (let index = 0; index < channel.length; index += 1) {
    const weight = channel[index] as number;
    const first = points * (order[nearestTo(ascending, Math.abs(weight))] as number);
    const sign = weight < 0 ? -1 : 1;
    for (let point = 0; point < points; point += 1)
      (codes[point] as Int8Array)[index] = sign * (combinations[first + point] as number);
  }
  return codes;
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

/** The position of the nearest of ascending values; of two as near, the lower. */
function nearestTo(ascending: Float64Array, value: number): number {
  const above = countBelow(ascending, value, 0, ascending.length - 1);
  const isBelowNearer = above > 0 && value - (ascending[above - 1] as number) <= (ascending[above] as number) - value;
  return isBelowNearer ? above - 1 : above;
}
