import type { BismoActivity } from './layer-activity.js';
import type { BismoProfile } from './profile.js';

/** Picojoules in a millijoule; a milliwatt for a millisecond is a microjoule. */
const PICOJOULES_PER_MILLIJOULE = 1e9;
const MICROJOULES_PER_MILLIJOULE = 1e3;

/** E = 2 w a MACs e_binop + DRAM bits e_dram + P_static t, in mJ. Uncalibrated: see docs/hardware/bismo.md. */
export function bismoEnergyMj(profile: BismoProfile, activity: BismoActivity, latencyMs: number): number {
  const { binaryOperationPicojoules, dramPicojoulesPerBit, staticMilliwatts } = profile;
  const movedBits = activity.weightReadBits + activity.activationReadBits + activity.writtenBits;
  const switched = activity.binaryOperations * binaryOperationPicojoules + movedBits * dramPicojoulesPerBit;
  return switched / PICOJOULES_PER_MILLIJOULE + (staticMilliwatts * latencyMs) / MICROJOULES_PER_MILLIJOULE;
}
