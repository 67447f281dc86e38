import { DRAM_PICOJOULES_PER_BIT, ENERGY_45_NM } from '@bitwright/hardware-kit';
import type { SystolicProfile } from '../profile.js';

/**
 * One matrix unit like the eight of Google's TPU v4, with an eighth of its memory. What each source is worth:
 * docs/hardware/systolic.md.
 */
export const tpu128x128 = {
  name: 'tpu-128x128',
  description: 'matrix unit of 128 x 128 with 34 tera-operations a second at int8 (an eighth of a TPU v4)',
  version: '1.0.0',
  // Google's TPU v4 documentation: 128 x 128 matrix units, two cores of four. Weights rest in the array.
  arrayRows: 128,
  arrayColumns: 128,
  dataflow: 'weight_stationary',
  // 275 TOPS at int8 over 8 x 128 x 128 MACs a cycle.
  clockMegahertz: 1050,
  // Always int8: fewer bits only save memory.
  macRate: { kind: 'fixed' },
  // That 4-bit weights are stored packed and widened on their way into the array: assumption, so that there is a choice.
  weightBits: [4, 8],
  activationBits: [8],
  // Results leave requantized; sums of int8 products take 32 bits.
  resultBits: 8,
  accumulatorBits: 32,
  // An eighth of 128 MiB on the chip (quoted from memory); how it is divided: assumption.
  weightBufferKibibytes: 4096,
  activationBufferKibibytes: 8192,
  outputBufferKibibytes: 4096,
  // An eighth of 1.2 TB/s: Google's TPU v4 documentation.
  dramGigabytesPerSecond: 150,
  // Assumption: a compiler that packs channels. Channel by channel, depthwise layers take 97 % of a MobileNetV2.
  groupedLowering: 'block_diagonal',
  // Not known; 0 leaves it out.
  hostMicrosecondsPerLayer: 0,
  // Ours: a server does not run single images.
  defaultBatchImages: 8,
  maximumBatchImages: 1024,
  countedLayers: 'all',
  // 45 nm although the chip is of 7 nm: an upper estimate that keeps the ratios.
  multiplyInt8Picojoules: ENERGY_45_NM.multiplyInt8Picojoules,
  addInt32Picojoules: ENERGY_45_NM.addInt32Picojoules,
  sramPicojoulesPerBit: ENERGY_45_NM.sram1MebibytePicojoulesPerBit,
  dramPicojoulesPerBit: DRAM_PICOJOULES_PER_BIT.hbm2,
  // An eighth of 90 W, the idle power of a TPU v4 (Jouppi et al., ISCA 2023; quoted from memory).
  staticMilliwatts: 11_250,
  validation: [],
} as const satisfies SystolicProfile;
