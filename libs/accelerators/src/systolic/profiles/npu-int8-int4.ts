import { DRAM_PICOJOULES_PER_BIT, ENERGY_45_NM } from '@bitwright/hardware-kit';
import type { SystolicProfile } from '../profile.js';

/**
 * One of the three cores of an embedded NPU of the class of Rockchip's RK3588, with an array of our own choice. What
 * each source is worth: docs/hardware/systolic.md.
 */
export const npuInt8Int4 = {
  name: 'npu-int8-int4',
  description: 'embedded NPU with int8 and int4, one core of 2 tera-operations a second at int8 (RK3588 class)',
  version: '1.0.0',
  // 1024 int8 MACs at 1 GHz: a third of the RK3588's published 6 TOPS at int8. Shape and dataflow: assumptions, the
  // vendor publishes neither.
  arrayRows: 32,
  arrayColumns: 32,
  dataflow: 'output_stationary',
  clockMegahertz: 1000,
  // Twice the operations at int4, as published for the RK3588 (12 TOPS); that a pair of 4 and 8 bits runs as 8 and 8:
  // assumption.
  macRate: { kind: 'simd', registerBits: 8 },
  // Published: int4, int8 and wider. Wider ones stay out, since searches go up to 8 bits.
  weightBits: [4, 8],
  activationBits: [4, 8],
  // Results leave requantized; 32-bit sums are what int8 needs.
  resultBits: 8,
  accumulatorBits: 32,
  // 384 KiB a core, quoted from memory of the RK3588's datasheet; how it is divided: assumption.
  weightBufferKibibytes: 160,
  activationBufferKibibytes: 160,
  outputBufferKibibytes: 64,
  // A third of 34 GB/s, as published for the RK3588's LPDDR4X.
  dramGigabytesPerSecond: 11.3,
  // Assumption: a compiler that packs channels.
  groupedLowering: 'block_diagonal',
  // Not known; 0 leaves it out.
  hostMicrosecondsPerLayer: 0,
  defaultBatchImages: 1,
  // Ours.
  maximumBatchImages: 1024,
  countedLayers: 'all',
  // 45 nm although the chip is of 8 nm: an upper estimate that keeps the ratios. Buffers: the next size of the table.
  multiplyInt8Picojoules: ENERGY_45_NM.multiplyInt8Picojoules,
  addInt32Picojoules: ENERGY_45_NM.addInt32Picojoules,
  sramPicojoulesPerBit: ENERGY_45_NM.sram1MebibytePicojoulesPerBit,
  dramPicojoulesPerBit: DRAM_PICOJOULES_PER_BIT.lpddr4,
  // Assumption.
  staticMilliwatts: 50,
  validation: [],
} as const satisfies SystolicProfile;
