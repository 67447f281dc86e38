import type { CountedLayers, ValidationFigure } from '@bitwright/core';
import type { EnergyRates } from '@bitwright/hardware-kit';

/** What a device does at best at one pair of bits. */
export type Peak = {
  readonly weightBits: number;
  readonly activationBits: number;
  /** Multiplications and additions count as one operation each. */
  readonly teraOperationsPerSecond: number;
  /** Widths of the kernel that really runs; those of the pair where they are left out. */
  readonly executedWeightBits?: number | undefined;
  readonly executedActivationBits?: number | undefined;
};

/**
 * Data sheet of a device that is known by its peaks alone. A peak for every pair of its weight and activation bits,
 * none of them higher than that of a pair with fewer bits; rates are positive, energies and times not negative.
 */
export type RooflineProfile = Omit<EnergyRates, 'sramPicojoulesPerBit'> & {
  readonly name: string;
  readonly description: string;
  /** Version of the model and its numbers; changes whenever a cost changes. */
  readonly version: string;
  readonly peaks: readonly Peak[];
  readonly dramGigabytesPerSecond: number;
  /** Time to start a layer, in which nothing else happens. */
  readonly launchMicrosecondsPerLayer: number;
  /** Width of a result in memory. */
  readonly resultBits: number;
  /** Width of a partial sum. */
  readonly accumulatorBits: number;
  readonly defaultBatchImages: number;
  readonly maximumBatchImages: number;
  readonly countedLayers: CountedLayers;
  readonly validation: readonly ValidationFigure[];
};
