import { createRandomSource } from '@bitwright/core';
import { conversionMs } from '@bitwright/cost-tables';
import { describe, expect, it } from 'vitest';
import { type ConversionPoint, fitConversions, forecastConversions } from './fit-conversions.js';

const TRUTH = {
  constantMs: -0.2,
  quantizedMsPerMillion: 0.5,
  dequantizedMsPerMillion: 0.1,
  requantizedMsPerMillion: 0,
  joinedInFloatMsPerMillion: 3,
};

function pointsOf(count: number, noise = 0): readonly ConversionPoint[] {
  const random = createRandomSource(1);
  return Array.from({ length: count }, () => {
    const [quantized, dequantized, joinedInFloat] = [4, 4, 1].map((most) => most * random.uniform()) as [
      number,
      number,
      number,
    ];
    const converted = { quantized, dequantized, requantized: 0, joinedInFloat };
    const sumMs = 3 + 3 * random.uniform();
    const beyond = conversionMs(TRUTH, converted) * (1 + noise * (random.uniform() - 0.5));
    return { sumMs, converted, measuredMs: sumMs + beyond };
  });
}

describe('what networks take beyond their layers', () => {
  it('is found again where networks are made of it, and foretold for those that were not seen', () => {
    const points = pointsOf(20);
    const found = fitConversions(points);
    for (const key of Object.keys(TRUTH) as (keyof typeof TRUTH)[]) expect(found[key]).toBeCloseTo(TRUTH[key], 9);
    const forecasts = forecastConversions(points);
    for (const [index, { measuredMs }] of points.entries()) expect(forecasts[index]).toBeCloseTo(measuredMs, 9);
  });

  it('is foretold by points that do not include the one foretold', () => {
    const points = pointsOf(20);
    const odd = points.with(7, { ...(points[7] as ConversionPoint), measuredMs: 100 });
    expect(forecastConversions(odd)[7]).toBeCloseTo(points[7]?.measuredMs as number, 9);
    expect(forecastConversions(odd)[8]).not.toBeCloseTo(points[8]?.measuredMs as number, 3);
  });

  it('costs nothing where a conversion would save time', () => {
    const saving = pointsOf(20).map((point) => ({
      ...point,
      measuredMs: point.sumMs + 1 - 0.2 * point.converted.dequantized,
    }));
    const { dequantizedMsPerMillion, quantizedMsPerMillion } = fitConversions(saving);
    expect(dequantizedMsPerMillion).toBe(0);
    expect(quantizedMsPerMillion).toBeGreaterThanOrEqual(0);
  });

  it('is not guessed from a handful of networks', () => {
    expect(() => fitConversions(pointsOf(11))).toThrow('at least 12 policies; 11 could be measured');
  });
});
