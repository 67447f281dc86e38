import type { CountedLayers, LayerCost, Provenance } from '@bitwright/core';
import type { LayerShape } from '@bitwright/hardware-kit';
import type { TableConversions } from './conversions.js';

/** What a layer costs at one pair of bits. */
export type LookupCell = LayerCost & { readonly weightBits: number; readonly activationBits: number };

/** The cost of a cell, without the bits that it is for. */
export function costOf({ weightBits, activationBits, ...cost }: LookupCell): LayerCost {
  return cost;
}

/** One layer with its costs. Layers of equal shape and batch have equal costs: the name is for people. */
export type LookupLayer = LayerShape & {
  readonly name: string;
  /** Images in one batch; costs are of the whole batch. */
  readonly batch: number;
  /** At least one; not every pair of bits need be there, and none is there twice. */
  readonly cells: readonly LookupCell[];
};

/** What the figures were taken from. */
export type TableSource = {
  readonly hardware: string;
  readonly version: string;
  readonly description: string;
  readonly provenance: Provenance;
};

/** How far times that were foretold are from measured ones. */
export type ForecastErrors = {
  /** Mean of |foretold - measured| / measured, percent. */
  readonly meanAbsoluteErrorPercent: number;
  /** Mean of (foretold - measured) / measured, percent: above zero where forecasts are too slow. */
  readonly biasPercent: number;
  /** Spearman's, -1..1; undefined where there is no order to compare. */
  readonly rankCorrelation?: number | undefined;
};

/**
 * What a table foretells of whole networks, as measured on the same device: sums over its cells, with its conversions
 * where it has them.
 */
export type NetworkComparison = ForecastErrors & {
  /** ISO 8601. */
  readonly date: string;
  /** The network, in the words of whoever asked. */
  readonly network: string;
  readonly runner: string;
  /** Random policies that were measured. */
  readonly policies: number;
  /** With conversions that were fitted to other policies than those foretold; absent where none were fitted. */
  readonly withConversions?: ForecastErrors | undefined;
};

/** How the cells that could not be measured were guessed. */
export type TableFill = {
  readonly method: 'roofline';
  /** Cells that are guesses. */
  readonly cells: number;
  /** Mean absolute error of such a guess, percent, for measured shapes that the fit had not seen. */
  readonly heldOutErrorPercent: number;
};

/** How a table was measured, as `bitwright hardware build-table` writes it. */
export type TableMeasurement = {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The program that measured, with its version. */
  readonly software: string;
  /** The command or the service that was asked. */
  readonly runner: string;
  readonly network: string;
  /** Samples that a cell needs, and how many before them do not count. */
  readonly repeats: number;
  readonly warmUp: number;
  /** Of the order of cells. */
  readonly seed: number;
  /** Samples that count, in all cells, and those that were left out because they lie far from their median. */
  readonly samples: number;
  readonly outliers: number;
  /** Cells of the network that the device cannot run, and those whose measurement failed. */
  readonly unsupportedCells: number;
  readonly failedCells: number;
  readonly fill?: TableFill | undefined;
};

/** Costs by layer shape, batch and bits: what a file of any format holds. */
export type LookupTable = {
  readonly source: TableSource | undefined;
  /** How the figures were measured, as whoever measured wants to say it: device, clock, threads, versions, date. */
  readonly device: Readonly<Record<string, string>>;
  /** How it was measured, where a program knows. */
  readonly measurement?: TableMeasurement | undefined;
  /** With whole networks, the newest last; absent where none was measured. */
  readonly comparisons?: readonly NetworkComparison[] | undefined;
  /** What networks take beyond their layers; absent where a policy costs the sum of its layers. */
  readonly conversions?: TableConversions | undefined;
  /** Layers that count in a network's total unless a request says otherwise. */
  readonly counted: CountedLayers;
  readonly layers: readonly LookupLayer[];
};
