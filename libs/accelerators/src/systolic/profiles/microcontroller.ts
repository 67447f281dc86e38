import { DRAM_PICOJOULES_PER_BIT, ENERGY_45_NM } from '@bitwright/hardware-kit';
import type { SystolicProfile } from '../profile.js';

/**
 * One RISC-V core of microcontroller class with dot products on packed registers, as XpulpNN (Garofalo et al., arXiv
 * 2011.14325): an array of one element. What each source is worth: docs/hardware/systolic.md.
 */
export const microcontroller = {
  name: 'microcontroller',
  description: 'microcontroller core with SIMD dot products of 4 int8, 8 int4 or 16 int2 (XpulpNN class)',
  version: '1.0.0',
  // A single core; one dot product a cycle, as with XpulpNN's fused load and dot product. That every loop reaches it:
  // optimistic assumption.
  arrayRows: 1,
  arrayColumns: 1,
  // The sum stays in a register.
  dataflow: 'output_stationary',
  // Assumption, of the order of what such cores reach in 22 nm.
  clockMegahertz: 250,
  // 32-bit registers, nibbles and crumbs: XpulpNN. That mixed pairs unpack to the wider operand: assumption.
  macRate: { kind: 'simd', registerBits: 32 },
  weightBits: [2, 4, 8],
  activationBits: [2, 4, 8],
  // Results leave requantized; sums are 32-bit registers.
  resultBits: 8,
  accumulatorBits: 32,
  // 512 KiB on the chip, as GAP8's second level (quoted from memory); how it is divided: assumption.
  weightBufferKibibytes: 192,
  activationBufferKibibytes: 256,
  outputBufferKibibytes: 64,
  // HyperRAM of the second generation: 200 MHz, both edges, 8 bits (Infineon AN226576).
  dramGigabytesPerSecond: 0.4,
  // A core takes one channel after the other.
  groupedLowering: 'per_channel',
  // Not known; 0 leaves it out.
  hostMicrosecondsPerLayer: 0,
  defaultBatchImages: 1,
  // Ours.
  maximumBatchImages: 1024,
  countedLayers: 'all',
  // 45 nm, arithmetic alone: fetching and decoding instructions is left out. Operands come through a first level that
  // is not modelled apart, hence the price of 32 KiB.
  multiplyInt8Picojoules: ENERGY_45_NM.multiplyInt8Picojoules,
  addInt32Picojoules: ENERGY_45_NM.addInt32Picojoules,
  sramPicojoulesPerBit: ENERGY_45_NM.sram32KibibytesPicojoulesPerBit,
  // HyperRAM taken as LPDDR4: assumption.
  dramPicojoulesPerBit: DRAM_PICOJOULES_PER_BIT.lpddr4,
  // Assumption.
  staticMilliwatts: 1,
  validation: [],
} as const satisfies SystolicProfile;
