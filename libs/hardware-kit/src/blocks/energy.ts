/** What operations and moved bits cost. */
export type EnergyRates = {
  /** A product of two 8-bit integers; one of w by a bits costs w a / 64 of it. */
  readonly multiplyInt8Picojoules: number;
  /** An addition of two 32-bit integers; a narrower accumulator costs its share. */
  readonly addInt32Picojoules: number;
  /** Reading or writing one bit on the chip. */
  readonly sramPicojoulesPerBit: number;
  /** Moving one bit to or from memory off the chip. */
  readonly dramPicojoulesPerBit: number;
  /** Leakage and all else that flows while nothing happens. */
  readonly staticMilliwatts: number;
};

/**
 * 45 nm at 0.9 V: Horowitz, "Computing's energy problem", ISSCC 2014 (32-bit and 8 KiB values confirmed by table 3 of
 * PMC8934428, the others quoted from memory). SRAM: a 64-bit access to 8 KiB, 32 KiB and 1 MiB takes 10, 20 and 100 pJ.
 */
export const ENERGY_45_NM = {
  multiplyInt8Picojoules: 0.2,
  addInt32Picojoules: 0.1,
  sram8KibibytesPicojoulesPerBit: 10 / 64,
  sram32KibibytesPicojoulesPerBit: 20 / 64,
  sram1MebibytePicojoulesPerBit: 100 / 64,
} as const;

/**
 * Rough energies of memory off the chip, interface included, each in the middle of a range that is quoted from memory:
 * LPDDR4 4 to 8, DDR3 and DDR4 15 to 20, HBM2 about 4 pJ a bit.
 */
export const DRAM_PICOJOULES_PER_BIT = { lpddr4: 6, ddr3: 20, ddr4: 15, hbm2: 4 } as const;

/** What a layer does, for the whole batch. */
export type EnergyActivity = {
  readonly macs: number;
  readonly executedWeightBits: number;
  readonly executedActivationBits: number;
  readonly accumulatorBits: number;
  readonly sramBits: number;
  readonly dramBits: number;
  readonly latencyMs: number;
};

/** Where a layer's energy goes, mJ for the whole batch; leakage stands apart. */
export type EnergyParts = {
  readonly macMj: number;
  readonly sramMj: number;
  readonly dramMj: number;
  readonly staticMj: number;
};

const PICOJOULES_PER_MILLIJOULE = 1e9;
/** A milliwatt for a millisecond is a microjoule. */
const MICROJOULES_PER_MILLIJOULE = 1e3;

/** E = MACs e_mac(w, a) + SRAM bits e_sram + DRAM bits e_dram + P_static t, in its parts. */
export function energyParts(rates: EnergyRates, activity: EnergyActivity): EnergyParts {
  return {
    macMj: (activity.macs * macPicojoules(rates, activity)) / PICOJOULES_PER_MILLIJOULE,
    sramMj: (activity.sramBits * rates.sramPicojoulesPerBit) / PICOJOULES_PER_MILLIJOULE,
    dramMj: (activity.dramBits * rates.dramPicojoulesPerBit) / PICOJOULES_PER_MILLIJOULE,
    staticMj: (rates.staticMilliwatts * activity.latencyMs) / MICROJOULES_PER_MILLIJOULE,
  };
}

export function totalEnergyMj({ macMj, sramMj, dramMj, staticMj }: EnergyParts): number {
  return macMj + sramMj + dramMj + staticMj;
}

/** e_mac(w, a) = e_mul8 w a / 64 + e_add32 accumulator bits / 32. */
function macPicojoules(rates: EnergyRates, activity: EnergyActivity): number {
  const { executedWeightBits, executedActivationBits, accumulatorBits } = activity;
  const multiply = (rates.multiplyInt8Picojoules * executedWeightBits * executedActivationBits) / 64;
  return multiply + (rates.addInt32Picojoules * accumulatorBits) / 32;
}
