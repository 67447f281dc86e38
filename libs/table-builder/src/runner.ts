import type { Layer, LayerCost, LayerPrecision, Network, Provenance } from '@bitwright/core';

/** What is known of a cell besides its latency; what is absent is not known, never zero. */
export type Figures = {
  readonly [Figure in Exclude<keyof LayerCost, 'latencyMs'>]?: LayerCost[Figure] | undefined;
};

/** Samples of one cell from one asking, and what else was said: for the whole batch. */
export type MeasuredAnswer = {
  readonly outcome: 'measured';
  /** In the order in which they were taken; at least one, ms. */
  readonly samplesMs: readonly number[];
  readonly figures: Figures;
  /** What the runner said of the device, if anything. */
  readonly device?: Readonly<Record<string, string>> | undefined;
};

/** The device has no kernel for this layer at these bits: no failure, and not asked again. */
export type UnsupportedAnswer = { readonly outcome: 'unsupported'; readonly reason: string };

/** This asking went wrong; others may not. */
export type FailedAnswer = { readonly outcome: 'failed'; readonly reason: string };

export type CellAnswer = MeasuredAnswer | UnsupportedAnswer | FailedAnswer;

/** What measures, and on what. */
export type RunnerDescription = {
  /** The device's name, for a table's `source`. */
  readonly name: string;
  /** Where it is known; costs of another version do not go into one table. */
  readonly version: string;
  readonly description: string;
  readonly provenance: Provenance;
  /** Texts by name: processor, clocks, threads, versions. */
  readonly device: Readonly<Record<string, string>>;
};

/** A layer at pairs of bits, to be measured for a batch of images. */
export type LayerRequest = {
  readonly layer: Layer;
  readonly batch: number;
  /** Samples that are wanted of each pair; fewer or more may come. */
  readonly samples: number;
};

/** A whole network, each layer at its own pair of bits. */
export type NetworkRequest = {
  readonly network: Network;
  /** Those derived from it. */
  readonly layers: readonly Layer[];
  readonly batch: number;
  readonly samples: number;
};

/**
 * Whatever measures layers: a hardware service, a command. One request at a time. What goes wrong with one request is an
 * answer; thrown is what stands in the way of all of them: `unavailable`, `not_found`, `failed_precondition`, and
 * `cancelled` when the signal fires.
 */
export interface Runner {
  /** How it is recorded and recognized: an address with a target, a command. */
  readonly name: string;
  /** Whether all pairs of a layer are asked for together, or each by itself. */
  readonly asks: 'layers' | 'cells';
  describe(signal?: AbortSignal): Promise<RunnerDescription>;
  /** One answer for each pair, in their order. */
  measureLayer(
    request: LayerRequest,
    pairs: readonly LayerPrecision[],
    signal?: AbortSignal,
  ): Promise<readonly CellAnswer[]>;
  /** The latency of the whole network under one policy. */
  measureNetwork(
    request: NetworkRequest,
    precisions: readonly LayerPrecision[],
    signal?: AbortSignal,
  ): Promise<CellAnswer>;
}
