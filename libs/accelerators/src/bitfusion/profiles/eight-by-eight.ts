import type { BitfusionProfile } from '../profile.js';

/** BitFusion with 8 x 8 fusion units, the simulator's default. What each source is worth: docs/hardware/bitfusion.md. */
export const bitfusionEightByEight = {
  name: 'bitfusion',
  description:
    'BitFusion with 8 x 8 fusible units at 500 MHz, as its published simulator models it; 3 bits run as 4, 5 to 7 as 8; latency to about 5 %, energy to about 15 % of published figures',
  version: '1.0.0',
  // conf.ini of the simulator (hsharma35/bitfusion): a, c, frequency, if_width.
  arrayRows: 8,
  arrayColumns: 8,
  clockMegahertz: 500,
  memoryBitsPerCycle: 128,
  // conf.ini: Act_SRAM, Wgt_SRAM, Out_SRAM.
  inputBufferBytes: 64 * 1024,
  weightBufferBytes: 256 * 1024,
  outputBufferBytes: 16 * 1024,
  // optimizer.py of the simulator: oprec.
  partialSumBits: 32,
  // Ours: the simulator has no depthwise layers. Of four forms tried this one is physical and closest.
  depthwiseLowering: 'own-planes',
  // Ours: the simulator's is latency, which on MobileNetV1 buys 0.4 % of the time with 1.7 times the traffic.
  objective: 'energy-delay',
  // Reproduces the published latencies of HAQ (arXiv 1811.08886v3).
  defaultBatchImages: 1,
  // Ours: no published figure goes above 1.
  maximumBatchImages: 256,
  // Synthesis of a 4 x 4 array of 8/2-bit units (systolic_array_synth.csv): 3.6735 mW dynamic / 16 units / 500 MHz.
  fusionUnitPicojoules: 0.459,
  // CACTI at 45 nm, 32-bit word (cacti_sweep.csv), of half a bank, the half that is in use: 64 KiB / 8 banks / 2 = 4 KiB.
  inputBuffer: { readPicojoulesPerBit: 0.107, writePicojoulesPerBit: 0.135 },
  // As above, one bank a unit: 256 KiB / 64 banks / 2 = 2 KiB.
  weightBuffer: { readPicojoulesPerBit: 0.059, writePicojoulesPerBit: 0.114 },
  // As above: 16 KiB / 8 banks / 2 = 1 KiB.
  outputBuffer: { readPicojoulesPerBit: 0.035, writePicojoulesPerBit: 0.103 },
  // stats.py of the simulator: the default dram_cost; a comment beside it says 6.
  dramPicojoulesPerBit: 15,
  // Fitted, the only number that is: both published energies (4/4 and 8/8 bits) are then missed by the same share.
  // CACTI's leakage of the buffers and the synthesis' of the array add up to 0.6 W.
  staticMilliwatts: 1070,
  validation: [
    {
      source: 'HAQ (arXiv 1811.08886v3), MobileNetV1 224 at 4/4 and 8/8 bits: largest',
      metric: 'latency',
      errorPercent: 0.23,
    },
    {
      source: 'HAQ (arXiv 1811.08886v3), MobileNetV1 224 at 4/4 and 8/8 bits: largest, one constant fitted to them',
      metric: 'energy',
      errorPercent: 7.29,
    },
  ],
} as const satisfies BitfusionProfile;
