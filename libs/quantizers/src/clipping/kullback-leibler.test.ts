import { describe, expect, it } from 'vitest';
import haq from '../fixtures/haq.json' with { type: 'json' };
import { normalTensor } from '../fixtures/tensors.js';
import { leastDivergentCut } from './cumulative-divergence.js';
import { haqActivationRange } from './haq-activation-range.test-support.js';
import { squareRootHistogram } from './square-root-histogram.js';
import { clipThreshold } from './threshold.js';

const cases = haq.clipThreshold.flatMap(({ name, values, max_abs, threshold }) =>
  Object.entries(threshold).map(([bits, golden]) => ({ name, values, bits: Number(bits), maximum: max_abs, golden })),
);

describe("HAQ's threshold", () => {
  it.each(cases)("is the reference's number in compat mode: $name at $bits bits", ({ values, bits, golden }) => {
    const target = { bits, signed: true, compat: true };
    expect(clipThreshold(Float32Array.from(values), 'kullback-leibler', target)).toBe(golden);
  });

  it.each(cases.filter(({ name }) => name !== 'bimodal'))(
    'is the same by default, but never above the maximum: $name at $bits bits',
    ({ values, bits, golden, maximum }) => {
      const threshold = clipThreshold(Float32Array.from(values), 'kullback-leibler', { bits, signed: true });
      expect(threshold).toBe(Math.min(golden, maximum));
    },
  );

  it('does not collapse by default when no value is near zero, as the reference does', () => {
    const { values, max_abs, threshold } = haq.clipThreshold.find(({ name }) => name === 'bimodal')!;
    expect(threshold['2']).toBeLessThan(0.1 * max_abs);
    const ours = clipThreshold(Float32Array.from(values), 'kullback-leibler', { bits: 2, signed: true });
    expect(ours).toBeGreaterThan(0.5 * max_abs);
  });

  it('is the maximum from five bits on', () => {
    const values = normalTensor(500);
    const maximum = clipThreshold(values, 'maximum', { bits: 5, signed: true });
    expect(clipThreshold(values, 'kullback-leibler', { bits: 5, signed: true })).toBe(maximum);
    expect(clipThreshold(values, 'kullback-leibler', { bits: 4, signed: true })).toBeLessThan(maximum);
  });

  it('is the maximum for a tensor too small to have more bins than points', () => {
    const values = normalTensor(9);
    const maximum = clipThreshold(values, 'maximum', { bits: 8, signed: true });
    expect(clipThreshold(values, 'kullback-leibler', { bits: 4, signed: true, compat: true })).toBe(maximum);
  });

  it('takes what is within 1e-8 of zero for zero in compat mode only', () => {
    const values = normalTensor(400).map((value) => value * 1e-10);
    expect(clipThreshold(values, 'kullback-leibler', { bits: 3, signed: true, compat: true })).toBe(0);
    expect(clipThreshold(values, 'kullback-leibler', { bits: 3, signed: true })).toBeGreaterThan(0);
  });
});

describe("the reference's histogram", () => {
  it('has as many bins as the root of the count when the smallest magnitude is zero', () => {
    const values = Float32Array.from({ length: 100 }, (_, index) => index);
    const { cumulative, binWidth } = squareRootHistogram(values, 99);
    expect(cumulative).toHaveLength(10);
    expect(binWidth).toBeCloseTo(9.9, 5);
    expect(Array.from(cumulative, (share) => Math.round(share * 100))).toEqual([
      10, 20, 30, 40, 50, 60, 70, 80, 90, 100,
    ]);
  });

  it('has more bins when the magnitudes do not reach down to zero', () => {
    const values = Float32Array.from({ length: 100 }, (_, index) => 1 + index / 99);
    expect(squareRootHistogram(values, 2).cumulative).toHaveLength(20);
  });
});

describe('the least divergent cut', () => {
  it('keeps everything of a uniform distribution, which interpolation gives back unchanged', () => {
    const uniform = Float64Array.from({ length: 32 }, (_, bin) => (bin + 1) / 32);
    expect(leastDivergentCut(uniform, 4, false)).toBe(32);
  });

  it('keeps all bins when there are not more than points', () => {
    expect(leastDivergentCut(Float64Array.of(0.5, 0.75, 1), 4, false)).toBe(3);
  });

  it('stops at the first undefined divergence only when told to', () => {
    const gap = Float64Array.from({ length: 32 }, (_, bin) => (bin < 8 ? 0 : (bin - 7) / 24));
    expect(leastDivergentCut(gap, 4, true)).toBe(5);
    expect(leastDivergentCut(gap, 4, false)).toBeGreaterThan(8);
  });
});

describe("the reference's activation range", () => {
  it('never exceeds six', () => {
    const values = normalTensor(1000).map((value) => value * 10);
    expect(haqActivationRange(values, 8, true)).toBe(6);
    expect(haqActivationRange(values, 3, true)).toBeLessThanOrEqual(6);
  });

  it('counts one bit less when signed', () => {
    const values = normalTensor(1000);
    const fourBits = clipThreshold(values, 'kullback-leibler', { bits: 4, signed: false, compat: true });
    expect(haqActivationRange(values, 5, true)).toBe(fourBits);
    expect(haqActivationRange(values, 4, false)).toBe(fourBits);
    expect(haqActivationRange(values, 1, true)).toBe(clipThreshold(values, 'maximum', { bits: 8, signed: true }));
  });
});
