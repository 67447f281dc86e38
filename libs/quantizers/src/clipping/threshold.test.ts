import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBits, anyTensor, DEGENERATE_TENSORS, normalTensor } from '../fixtures/tensors.js';
import { histogramOf } from '../histogram/histogram.js';
import { CLIP_METHODS } from './clip-rule.js';
import { clipThreshold, clipThresholdOfHistogram, clipThresholdsPerChannel } from './threshold.js';

describe.each(CLIP_METHODS)('the %s threshold', (method) => {
  it('lies between zero and twice the largest magnitude', () => {
    fc.assert(
      fc.property(anyTensor, anyBits, fc.boolean(), (values, bits, signed) => {
        const maximum = Math.max(...values.map(Math.abs));
        for (const threshold of [
          clipThreshold(values, method, { bits, signed }),
          clipThresholdOfHistogram(histogramOf(values), method, { bits, signed }),
        ]) {
          expect(threshold).toBeGreaterThanOrEqual(0);
          expect(threshold).toBeLessThanOrEqual(2 * maximum);
        }
      }),
    );
  });

  it('does not see the sign of a value', () => {
    fc.assert(
      fc.property(anyTensor, anyBits, (values, bits) => {
        const target = { bits, signed: true };
        expect(clipThreshold(values.map(Math.abs), method, target)).toBe(clipThreshold(values, method, target));
      }),
    );
  });

  it.each(DEGENERATE_TENSORS)('is finite for a tensor that is %s', (_name, values) => {
    for (const signed of [true, false]) {
      for (let bits = 1; bits <= 8; bits += 1) {
        expect(clipThreshold(values, method, { bits, signed })).toSatisfy(Number.isFinite);
        expect(clipThresholdOfHistogram(histogramOf(values), method, { bits, signed })).toSatisfy(Number.isFinite);
      }
    }
  });

  it('is zero for a tensor of zeros', () => {
    expect(clipThreshold(new Float32Array(9), method, { bits: 4, signed: true })).toBe(0);
    expect(clipThresholdOfHistogram(histogramOf(new Float32Array(9)), method, { bits: 4, signed: true })).toBe(0);
  });

  it('is the mean magnitude for one signed bit', () => {
    const values = Float32Array.of(-1, 2, -3, 4);
    expect(clipThreshold(values, method, { bits: 1, signed: true })).toBe(2.5);
    expect(clipThresholdOfHistogram(histogramOf(values), method, { bits: 1, signed: true })).toBe(2.5);
  });

  it('is nearly the same from a histogram as from the values', () => {
    const values = normalTensor(40_000);
    for (let bits = 2; bits <= 8; bits += 1) {
      const exact = clipThreshold(values, method, { bits, signed: true });
      const fromHistogram = clipThresholdOfHistogram(histogramOf(values), method, { bits, signed: true });
      expect(Math.abs(fromHistogram / exact - 1)).toBeLessThan(0.06);
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a tensor that holds %s and names the element', (bad) => {
    const act = () => clipThreshold(Float32Array.of(1, bad, 2), method, { bits: 4, signed: true });
    expect(act).toThrow(expect.objectContaining({ kind: 'invalid_argument', reason: 'NOT_FINITE' }));
    expect(act).toThrow('element 1');
  });

  it('refuses bits outside 1 to 8', () => {
    const act = () => clipThreshold(Float32Array.of(1), method, { bits: 32, signed: true });
    expect(act).toThrow(expect.objectContaining({ reason: 'BITS' }));
  });
});

describe('thresholds per channel', () => {
  it('are those of the contiguous blocks of the first axis', () => {
    const values = Float32Array.of(1, -3, 2, 0.5, 0, 0);
    const thresholds = clipThresholdsPerChannel(values, 3, 'maximum', { bits: 8, signed: true });
    expect(Array.from(thresholds)).toEqual([3, 2, 0]);
  });

  it('refuse a tensor that does not divide into the channels', () => {
    const act = () => clipThresholdsPerChannel(new Float32Array(5), 2, 'maximum', { bits: 8, signed: true });
    expect(act).toThrow(expect.objectContaining({ reason: 'CHANNELS' }));
  });
});
