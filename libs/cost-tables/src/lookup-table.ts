import type { CountedLayers, LayerCost, Provenance } from '@bitwright/core';
import type { LayerShape } from '@bitwright/hardware-kit';

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

/** Costs by layer shape, batch and bits: what a file of any format holds. */
export type LookupTable = {
  readonly source: TableSource | undefined;
  /** How the figures were measured, as whoever measured wants to say it: device, clock, threads, versions, date. */
  readonly device: Readonly<Record<string, string>>;
  /** Layers that count in a network's total unless a request says otherwise. */
  readonly counted: CountedLayers;
  readonly layers: readonly LookupLayer[];
};
