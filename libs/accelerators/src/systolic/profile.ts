import type { CountedLayers, ValidationFigure } from '@bitwright/core';
import type { EnergyRates } from '@bitwright/hardware-kit';
import type { MacRate } from './mac-rate.js';

/** Which operand rests in the array while the others stream past; output: each result is formed in one place. */
export type Dataflow = 'output_stationary' | 'weight_stationary' | 'input_stationary';

/**
 * How grouped and depthwise layers become matrix products. `per_channel`: one product a group; `block_diagonal`: as
 * many groups in one product as the array holds. Dense layers are the same under both.
 */
export type GroupedLowering = 'per_channel' | 'block_diagonal';

/**
 * Data sheet of a systolic array. The symbols in brackets are those of docs/hardware/systolic.md; counts are positive
 * integers, rates and sizes positive, energies and times not negative.
 */
export type SystolicProfile = EnergyRates & {
  readonly name: string;
  readonly description: string;
  /** Version of the model and its numbers; changes whenever a cost changes. */
  readonly version: string;
  /** Rows of processing elements (R). */
  readonly arrayRows: number;
  /** Columns of processing elements (C). */
  readonly arrayColumns: number;
  readonly dataflow: Dataflow;
  readonly clockMegahertz: number;
  /** How many products a processing element forms in a cycle at each pair of bits. */
  readonly macRate: MacRate;
  /** Widths that there are kernels for, ascending; others are refused. */
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  /** Width of a result in memory. */
  readonly resultBits: number;
  /** Width of a partial sum. */
  readonly accumulatorBits: number;
  /** Buffers between memory and array; half of each is filled while the other half is used. */
  readonly weightBufferKibibytes: number;
  readonly activationBufferKibibytes: number;
  readonly outputBufferKibibytes: number;
  readonly dramGigabytesPerSecond: number;
  readonly groupedLowering: GroupedLowering;
  /** Time that the host spends on a layer before the array runs. */
  readonly hostMicrosecondsPerLayer: number;
  readonly defaultBatchImages: number;
  readonly maximumBatchImages: number;
  readonly countedLayers: CountedLayers;
  readonly validation: readonly ValidationFigure[];
};
