import type { CodeRange } from '../linear/grid.js';
import { type PointSum, residualOf } from './channel-points.js';
import { codeCombinations, codeSums, nearestSum } from './code-sums.js';
import { fitCoefficients } from './fit-coefficients.js';
import { dot } from './vectors.js';
import { whileBetter } from './while-better.js';

const LIMITS = { rounds: 40, leastGain: 0.001 };

/**
 * Codes and coefficients of all points together, in turn: each weight gets the codes whose sum lies nearest, then the
 * coefficients are fitted to these codes, as long as the error over the weights falls. One after the other, codes of an
 * earlier point do not know what later ones can add: two points of two bits leave a quarter more than need be.
 */
export function chooseTogether(channel: Float32Array, start: PointSum, range: CodeRange): PointSum {
  const combinations = codeCombinations(range, start.codes.length);
  if (start.codes.length < 2 || combinations === undefined) return start;
  const assess = (sum: PointSum) => ({ sum, error: squaresOf(residualOf(channel, sum)) });
  const next = ({ sum }: { readonly sum: PointSum }) => {
    const codes = nearestCodes(channel, sum.coefficients, combinations);
    return assess({ codes, coefficients: fitCoefficients(channel, codes) });
  };
  return whileBetter(assess(start), next, LIMITS).sum;
}

const squaresOf = (values: Float64Array) => dot(values, values);

/** The codes of each point with which every weight is approximated best. */
function nearestCodes(
  channel: Float32Array,
  coefficients: Float32Array,
  combinations: Int8Array,
): readonly Int8Array[] {
  const points = coefficients.length;
  const sums = codeSums(combinations, coefficients);
  const codes = Array.from(coefficients, () => new Int8Array(channel.length));
  for (let index = 0; index < channel.length; index += 1) {
    const first = points * nearestSum(sums, channel[index] as number);
    for (let point = 0; point < points; point += 1)
      (codes[point] as Int8Array)[index] = sums.codes[first + point] as number;
  }
  return codes;
}
