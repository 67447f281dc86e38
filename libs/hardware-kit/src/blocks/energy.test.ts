import { describe, expect, it } from 'vitest';
import { ENERGY_45_NM, energyParts, totalEnergyMj } from './energy.js';

const rates = { ...ENERGY_45_NM, sramPicojoulesPerBit: 0.5, dramPicojoulesPerBit: 6, staticMilliwatts: 100 };
const activity = {
  ...{ macs: 1e9, executedWeightBits: 8, executedActivationBits: 8, accumulatorBits: 32 },
  ...{ sramBits: 2e9, dramBits: 1e9, latencyMs: 5 },
};

describe('the energy of a layer', () => {
  it('is that of its products, of the bits it moves, and leakage apart, by hand', () => {
    const parts = energyParts(rates, activity);
    expect(parts.macMj).toBeCloseTo(0.2 + 0.1, 12);
    expect(parts.sramMj).toBeCloseTo(1, 12);
    expect(parts.dramMj).toBeCloseTo(6, 12);
    expect(parts.staticMj).toBeCloseTo(0.5, 12);
    expect(totalEnergyMj(parts)).toBeCloseTo(7.8, 12);
  });

  it('of a product falls with the bits of both operands, that of an addition with the accumulator', () => {
    const narrow = { ...activity, executedWeightBits: 4, executedActivationBits: 2, accumulatorBits: 16 };
    expect(energyParts(rates, narrow).macMj).toBeCloseTo(0.2 / 8 + 0.05, 12);
  });
});
