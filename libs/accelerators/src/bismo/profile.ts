import type { CountedLayers, ValidationFigure } from '@bitwright/core';

/**
 * How grouped and depthwise layers become matrix products. `batch_rows`: HAQ's, images spread over the array's rows;
 * `block_diagonal`: physical, groups packed into one product. Dense layers are the same under both.
 */
export type GroupedLowering = 'batch_rows' | 'block_diagonal';

/**
 * Data sheet of a BISMO instance. The symbols in brackets are those of docs/hardware/bismo.md; sizes are positive
 * integers, energies and times are not negative.
 */
export type BismoProfile = {
  readonly name: string;
  readonly description: string;
  /** Version of the model and its numbers; changes whenever a cost changes. */
  readonly version: string;
  /** Rows of processing elements, for weights (Dm). */
  readonly arrayRows: number;
  /** Columns of processing elements, for activations (Dn). */
  readonly arrayColumns: number;
  /** Bits that one processing element multiplies and counts in a cycle (Dk). */
  readonly dotProductBits: number;
  /** Width of each of the two read ports, one for weights and one for activations. */
  readonly portBitsPerCycle: number;
  /** Words of `dotProductBits` bits that the weight buffer holds. */
  readonly weightBufferWords: number;
  /** Words of `dotProductBits` bits that the activation buffer holds. */
  readonly activationBufferWords: number;
  readonly clockMegahertz: number;
  readonly defaultBatchImages: number;
  readonly maximumBatchImages: number;
  readonly groupedLowering: GroupedLowering;
  readonly countedLayers: CountedLayers;
  /** Width of a result on its way to memory; counted as traffic, hidden behind the computation. */
  readonly resultBits: number;
  /** Energy of one binary operation; a product of w by a bits takes 2wa of them. */
  readonly binaryOperationPicojoules: number;
  readonly dramPicojoulesPerBit: number;
  readonly staticMilliwatts: number;
  /** Time that the host spends on a layer before and after the accelerator runs. */
  readonly hostMicrosecondsPerLayer: number;
  /** Time to turn a layer's numbers into bit planes. */
  readonly parallelToSerialMicrosecondsPerLayer: number;
  /** Produced by test/fidelity/report-bismo.ts and held to it by test/fidelity/bismo.test.ts. */
  readonly validation: readonly ValidationFigure[];
};
