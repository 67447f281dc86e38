import { type PointSum, residualOf } from './channel-points.js';
import { canSumTogether, codeSums, nearestSum } from './code-sums.js';
import { dot, fitCoefficients } from './fit-coefficients.js';
import type { CodeRange } from './point-codes.js';

const ROUNDS = 40;

/** A round that takes a smaller part of the error is the last. */
const LEAST_GAIN = 0.001;

/**
 * Codes and coefficients of all points together, in turn: each weight gets the codes whose sum lies nearest, then the
 * coefficients are fitted to these codes, as long as the error over the weights falls. One after the other, codes of an
 * earlier point do not know what later ones can add: two points of two bits leave a quarter more than need be.
 */
export function chooseTogether(channel: Float32Array, start: PointSum, range: CodeRange): PointSum {
  if (start.codes.length < 2 || !canSumTogether(range, start.codes.length)) return start;
  let best = start;
  let error = squaresOf(residualOf(channel, start));
  for (let round = 0; round < ROUNDS; round += 1) {
    const codes = nearestCodes(channel, best.coefficients, range);
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

/** The codes of each point with which every weight is approximated best. */
function nearestCodes(channel: Float32Array, coefficients: Float32Array, range: CodeRange): readonly Int8Array[] {
  const points = coefficients.length;
  const sums = codeSums(range, coefficients);
  const codes = Array.from(coefficients, () => new Int8Array(channel.length));
  for (let index = 0; index < channel.length; index += 1) {
    const first = points * nearestSum(sums, channel[index] as number);
    for (let point = 0; point < points; point += 1)
      (codes[point] as Int8Array)[index] = sums.codes[first + point] as number;
  }
  return codes;
}
