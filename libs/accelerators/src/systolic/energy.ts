import { type EnergyParts, energyParts } from '@bitwright/hardware-kit';
import type { SystolicActivity } from './layer-activity.js';
import type { SystolicProfile } from './profile.js';

/** Where a layer's energy goes. Uncalibrated: see docs/hardware/systolic.md. */
export function systolicEnergyParts(
  profile: SystolicProfile,
  activity: SystolicActivity,
  latencyMs: number,
): EnergyParts {
  const { macs, sramBits, dramBits, mode } = activity;
  const { accumulatorBits } = profile;
  return energyParts(profile, { ...mode, macs, sramBits, dramBits, accumulatorBits, latencyMs });
}
