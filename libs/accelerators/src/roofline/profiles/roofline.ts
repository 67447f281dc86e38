import { ENERGY_45_NM } from '@bitwright/hardware-kit';
import type { RooflineProfile } from '../profile.js';

/** A GPU with int8 and int4 matrix units, by the peaks of NVIDIA's T4. Sources: docs/hardware/roofline.md. */
export const roofline = {
  name: 'roofline',
  description: 'GPU with int8 and int4 as its peaks alone (NVIDIA T4 class)',
  version: '1.0.0',
  // NVIDIA's T4 data sheet: 130 TOPS at int8, 260 at int4. Pairs of 4 and 8 bits run the int8 kernel: assumption.
  peaks: [
    { weightBits: 4, activationBits: 4, teraOperationsPerSecond: 260 },
    { weightBits: 4, activationBits: 8, teraOperationsPerSecond: 130, executedWeightBits: 8 },
    { weightBits: 8, activationBits: 4, teraOperationsPerSecond: 130, executedActivationBits: 8 },
    { weightBits: 8, activationBits: 8, teraOperationsPerSecond: 130 },
  ],
  // NVIDIA's T4 product brief: up to 320 GB/s.
  dramGigabytesPerSecond: 320,
  // Assumption, of the order of what a kernel launch takes.
  launchMicrosecondsPerLayer: 5,
  // Results leave requantized; NVIDIA's int8 and int4 products add up in 32 bits.
  resultBits: 8,
  accumulatorBits: 32,
  // Ours: at batch 1 every layer of a MobileNetV2 waits for its launch.
  defaultBatchImages: 16,
  maximumBatchImages: 1024,
  countedLayers: 'all',
  // 45 nm although the chip is of 12 nm, but without caches, registers and scheduling: ratios only.
  multiplyInt8Picojoules: ENERGY_45_NM.multiplyInt8Picojoules,
  addInt32Picojoules: ENERGY_45_NM.addInt32Picojoules,
  // GDDR6: assumption.
  dramPicojoulesPerBit: 8,
  // Assumption: a seventh of the board's limit of 70 W.
  staticMilliwatts: 10_000,
  validation: [],
} as const satisfies RooflineProfile;
