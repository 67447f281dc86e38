import type { BismoProfile } from '../profile.js';

/** HAQ's cloud accelerator: BISMO on a VU9P. What each source is worth: docs/hardware/bismo.md. */
export const bismoCloud = {
  name: 'bismo-cloud',
  description:
    'BISMO bit-serial overlay on a Virtex UltraScale+ VU9P, as the HAQ paper simulates it; grouped layers lowered as batch_rows (HAQ), first and last layer left out of totals; energy uncalibrated',
  version: '1.0.0',
  // HAQ (arXiv 1811.08886v3), table of the edge and cloud configurations: 16 x 16 array, 16 images a batch.
  arrayRows: 16,
  arrayColumns: 16,
  defaultBatchImages: 16,
  // Deduced from HAQ's cloud table for MobileNetV2 (mit-han-lab/haq, lib/simulator).
  dotProductBits: 256,
  // Width: HAQ's table of configurations; that there are two independent streams: deduced from HAQ's cloud table.
  portBitsPerCycle: 256,
  // Deduced: break points of HAQ's cloud table bracket them to 15680..16725 and 15360..17920 words.
  weightBufferWords: 16 * 1024,
  activationBufferWords: 16 * 1024,
  // Fitted to HAQ's published totals: 200.00.
  clockMegahertz: 200,
  // Ours: no published figure goes above 16.
  maximumBatchImages: 1024,
  // HAQ's; at batch 16 on 16 rows it coincides with block_diagonal, so the cloud figures cannot tell them apart.
  groupedLowering: 'batch_rows',
  // HAQ's published totals leave both out.
  countedLayers: 'without-first-and-last',
  // Default width of BISMO's accumulators (accWidth in src/main/scala/BISMO.scala).
  resultBits: 32,
  // Uncalibrated: HAQ prints no energy. BISMO's README: 15.4 binary TOPS under 8 W on an Ultra96, whole board, so at
  // most 0.519 pJ a binary operation, here as an upper estimate (the VU9P is of the same 16 nm family).
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
      errorPercent: 0.01,
    },
    {
      source: 'HAQ (arXiv 1811.08886v3), MobileNetV2 224 at 4, 5, 6, 8 bits: largest',
      metric: 'latency',
      errorPercent: 0.01,
    },
  ],
} as const satisfies BismoProfile;
