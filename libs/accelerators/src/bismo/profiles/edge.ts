import type { BismoProfile } from '../profile.js';

/** HAQ's edge accelerator: BISMO on a Zynq-7020. What each source is worth: docs/hardware/bismo.md. */
export const bismoEdge = {
  name: 'bismo-edge',
  description:
    'BISMO bit-serial overlay on a Zynq-7020, as the HAQ paper simulates it; grouped layers lowered as batch_rows (HAQ), first and last layer left out of totals; energy uncalibrated',
  version: '1.0.0',
  // HAQ (arXiv 1811.08886v3), table of the edge and cloud configurations: 8 x 8 array, 1 image a batch.
  arrayRows: 8,
  arrayColumns: 8,
  defaultBatchImages: 1,
  // Deduced from HAQ's cloud table; 8x256x8 at 200 MHz is also the largest PYNQ-Z1 overlay (BISMO doc/platforms.md).
  dotProductBits: 256,
  // Width: HAQ's table of configurations; that there are two independent streams: deduced from HAQ's cloud table.
  portBitsPerCycle: 64,
  // One 1024-deep bank a row and a column, by the rule that fits the cloud table: 128 of the Z-7020's 140 BRAM36.
  weightBufferWords: 8 * 1024,
  activationBufferWords: 8 * 1024,
  // Fitted to HAQ's published totals: 199.95.
  clockMegahertz: 200,
  // Ours: no published figure goes above 16.
  maximumBatchImages: 1024,
  // Only this lowering reproduces HAQ's edge totals; block_diagonal makes depthwise layers 65 % too fast.
  groupedLowering: 'batch_rows',
  // HAQ's published totals leave both out.
  countedLayers: 'without-first-and-last',
  // Default width of BISMO's accumulators (accWidth in src/main/scala/BISMO.scala).
  resultBits: 32,
  // Uncalibrated: HAQ prints no energy. BISMO's README: 15.4 binary TOPS under 8 W on an Ultra96, whole board, so at
  // most 0.519 pJ a binary operation, here as an upper estimate.
  binaryOperationPicojoules: 0.519,
  // Default of BitFusion's simulator for DDR3-class memory.
  dramPicojoulesPerBit: 15,
  // The 8 W above already hold the board's idle power; counting it again would be double.
  staticMilliwatts: 0,
  // HAQ's figures show neither; BISMO's runtime times both apart (doc/instrumentation.md).
  hostMicrosecondsPerLayer: 0,
  parallelToSerialMicrosecondsPerLayer: 0,
  validation: [
    {
      source: 'HAQ (arXiv 1811.08886v3), MobileNetV1 224 at 4, 5, 6, 8 bits: largest',
      metric: 'latency',
      errorPercent: 0.07,
    },
    {
      source: 'HAQ (arXiv 1811.08886v3), MobileNetV2 224 at 4, 5, 6, 8 bits: largest',
      metric: 'latency',
      errorPercent: 0.05,
    },
  ],
} as const satisfies BismoProfile;
