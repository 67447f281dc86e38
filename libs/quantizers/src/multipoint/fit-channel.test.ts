import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyBits,
  anyBitsAboveOne,
  anyTensor,
  DEGENERATE_TENSORS,
  normalTensor,
  squaredError,
} from '../fixtures/tensors.js';
import { type PointSum, residualOf } from './channel-points.js';
import { fitChannel } from './fit-channel.js';
import { joinPoints } from './fit-weights.js';
import { reconstructPoints } from './multipoint-weights.js';
import { pointCodes } from './point-codes.js';

const MOST = 4;

/** The channel as its first `points` points give it. */
function approximate(channel: Float32Array, bits: number, points: number): Float32Array {
  const fitted = fitChannel(channel, { bits, maximumPoints: MOST });
  return reconstructPoints(joinPoints(bits, fitted.slice(points - 1, points)));
}

const errors = (channel: Float32Array, bits: number) =>
  Array.from({ length: MOST }, (_, index) => squaredError(channel, approximate(channel, bits, index + 1)));

describe('points of a channel of 256 standard normal weights', () => {
  // Relative L2 errors found once by NumPy with another implementation of the same construction, which goes on for
  // longer: -15 %, +25 %.
  it.each([
    [2, [0.37, 0.112, 0.0327, 0.0086]],
    [3, [0.192, 0.0308, 0.0044, 0.0018]],
    [4, [0.1026, 0.008, 0.0018, 0.00043]],
    [8, [0.0069]],
  ])('err at %i bits as expected', (bits, expected) => {
    const channels = Array.from({ length: 40 }, (_, seed) => normalTensor(256, seed));
    for (const [index, error] of expected.entries()) {
      const relative = channels.map((channel) => {
        const left = squaredError(channel, approximate(channel, bits, index + 1));
        return Math.sqrt(left / squaredError(channel, new Float32Array(256)));
      });
      const mean = relative.reduce((sum, value) => sum + value, 0) / relative.length;
      expect(mean).toBeGreaterThan(0.85 * error);
      expect(mean).toBeLessThan(1.25 * error);
    }
  });
});

/** Coefficients cannot be told apart more finely; each point may be off by as much. */
const FINEST = MOST * 2 ** -149;

describe('fitting points', () => {
  it('errs no more with more points', () => {
    fc.assert(
      fc.property(anyTensor, anyBits, (channel, bits) => {
        const scale = squaredError(channel, new Float32Array(channel.length));
        errors(channel, bits).forEach((error, index, all) => {
          const before = index === 0 ? scale : (all[index - 1] as number);
          expect(error).toBeLessThanOrEqual(before + 1e-9 * scale + channel.length * FINEST ** 2);
        });
      }),
    );
  });

  it.each([
    [1, 4, 0.7],
    [2, 3, 0.5],
    [4, 2, 0.5],
  ])('at %i bits, %i points chosen together leave less than one after the other', (bits, count, most) => {
    const channels = Array.from({ length: 20 }, (_, seed) => normalTensor(256, seed));
    const together = channels.map((channel) => errors(channel, bits)[count - 1] as number);
    const inTurn = channels.map((channel) => {
      let left = channel;
      for (let point = 0; point < count; point += 1)
        left = Float32Array.from(residualOf(left, fitChannel(left, { bits, maximumPoints: 1 })[0] as PointSum));
      return squaredError(left, new Float32Array(256));
    });
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(together)).toBeLessThan(most * sum(inTurn));
  });

  it('is exact with one point where the channel lies on a grid', () => {
    const magnitude = fc.float({ min: Math.fround(1e-6), max: 1e6, noNaN: true });
    const onGrid = fc.tuple(anyBitsAboveOne, magnitude, fc.constantFrom(1, -1));
    const codes = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 32 });
    fc.assert(
      fc.property(onGrid, codes, ([bits, scale, sign], shares) => {
        const { lowest, highest } = pointCodes(bits);
        const used = [lowest, ...shares.map((share) => Math.max(lowest, Math.round(share * -lowest)))];
        const values = Float32Array.from(used, (code) => sign * scale * Math.min(code, highest));
        const [error = 1] = errors(values, bits);
        expect(error).toBeLessThanOrEqual(1e-10 * squaredError(values, new Float32Array(values.length)));
      }),
    );
  });

  it('turns with the signs of the weights and moves with their order', () => {
    fc.assert(
      fc.property(anyTensor, anyBitsAboveOne, (values, bits) => {
        // Coefficients are float32, which below 1e-38 has fewer digits: what 7 times one gives may then be out of reach.
        const channel = values.map((value) => (Math.abs(value) < 1e-30 ? 0 : value));
        const expected = errors(channel, bits);
        const scale = squaredError(channel, new Float32Array(channel.length));
        const close = (found: readonly number[]) =>
          found.forEach((error, index) => {
            expect(Math.abs(error - (expected[index] as number))).toBeLessThanOrEqual(1e-6 * scale);
          });
        const turned = channel.map((value) => -value);
        close(errors(turned, bits));
        close(errors(channel.toReversed(), bits));
      }),
    );
  });

  it('scales with the weights, however small or large they are', () => {
    const channel = normalTensor(64);
    const expected = approximate(channel, 3, 3);
    for (const factor of [2 ** -100, 2 ** -20, 2 ** 100]) {
      const scaled = approximate(
        channel.map((value) => value * factor),
        3,
        3,
      );
      expect(scaled).toEqual(expected.map((value) => value * factor));
    }
  });

  it.each(DEGENERATE_TENSORS)('stays finite for a channel that is %s', (_, values) => {
    // Sums may reach beyond the largest weight: a quarter of what float32 can hold leaves room for that.
    const channel = values.map((value) => value / 4);
    for (const bits of [1, 2, 4, 8])
      for (const points of [1, MOST]) expect(approximate(channel, bits, points).every(Number.isFinite)).toBe(true);
  });

  it('gives zeros for zeros', () => {
    expect(approximate(new Float32Array(9), 2, MOST)).toEqual(new Float32Array(9));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    const fit = () => fitChannel(Float32Array.of(1, value), { bits: 2, maximumPoints: 1 });
    expect(fit).toThrow(expect.objectContaining({ reason: 'NOT_FINITE' }));
  });

  it.each([0, 9, 1.5, Number.NaN])('refuses %s points', (maximumPoints) => {
    const fit = () => fitChannel(Float32Array.of(1), { bits: 2, maximumPoints });
    expect(fit).toThrow(expect.objectContaining({ kind: 'invalid_argument', reason: 'POINTS' }));
  });
});
