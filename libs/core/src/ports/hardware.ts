import type { CostTable, LayerCost, Provenance } from '../cost/cost-table.js';
import type { Layer, LayerKind } from '../network/layers.js';
import type { Network } from '../network/network.js';
import type { LayerPrecision, PrecisionPolicy } from '../policy/policy.js';

/** Which layers count in a network's total: all of them, or all but the first and the last (as HAQ's BISMO figures do). */
export type CountedLayers = 'all' | 'without-first-and-last';

/** How far a hardware model agrees with something published or measured. */
export type ValidationFigure = { readonly source: string; readonly metric: string; readonly errorPercent: number };

/** The pairs of bits for which the hardware has kernels of one operator, from the cheapest to the widest. */
export type OperatorPrecisions = { readonly operator: LayerKind; readonly precisions: readonly LayerPrecision[] };

export type HardwareCapabilities = {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly provenance: Provenance;
  /** Which of `latency` and `energy` it reports. */
  readonly metrics: readonly ('latency' | 'energy')[];
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  /** Absent where every operator runs at every pair of these bits; an operator that is not listed cannot run. */
  readonly operators?: readonly OperatorPrecisions[] | undefined;
  readonly defaultBatch: number;
  readonly maximumBatch: number;
  /** Counted layers unless a request says otherwise. */
  readonly defaultCounted: CountedLayers;
  /** Whether a policy's cost is the sum of its layers' costs. */
  readonly additive: boolean;
  readonly validation: readonly ValidationFigure[];
};

/** Batch and counted layers default to what the capabilities say. */
export type HardwareOptions = {
  readonly batch?: number | undefined;
  readonly counted?: CountedLayers | undefined;
  /** The graph that the layers were derived from, for hardware that is not additive: it evaluates whole networks. */
  readonly network?: Network | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Cost of one policy, per layer and in total, for the whole batch. The total of additive hardware is the sum over the
 * counted layers; other hardware prices the network whole where it is given the graph.
 */
export type HardwareFeedback = {
  readonly hardware: string;
  readonly batch: number;
  readonly counted: readonly boolean[];
  readonly latencyMs: number;
  /** `latencyMs / batch`. */
  readonly latencyPerImageMs: number;
  /** Absent where a counted layer's is not known; the same holds for traffic. */
  readonly energyMj: number | undefined;
  readonly trafficBytes: number | undefined;
  readonly layers: readonly LayerCost[];
  /** Interquartile range of `latencyMs` over repeated measurements, where the network was measured whole, ms. */
  readonly spreadMs?: number | undefined;
};

/**
 * One hardware target. Deterministic where it is a model. Throws `unsupported` for an operator or a width that it
 * cannot run, `invalid_argument` for a batch outside its range, `cancelled` when the signal fires.
 */
export interface Hardware {
  describe(signal?: AbortSignal): Promise<HardwareCapabilities>;
  /** Costs of every layer at every supported pair of bits; a layer that cannot run is reported, unless none can. */
  tabulate(layers: readonly Layer[], options?: HardwareOptions): Promise<CostTable>;
  /** One feedback per policy, in order. */
  evaluate(
    layers: readonly Layer[],
    policies: AsyncIterable<PrecisionPolicy> | Iterable<PrecisionPolicy>,
    options?: HardwareOptions,
  ): AsyncIterable<HardwareFeedback>;
}

/** The hardware targets that can be reached, by name. `open` throws `not_found` and names those there are. */
export interface HardwareCatalog {
  list(signal?: AbortSignal): Promise<readonly HardwareCapabilities[]>;
  open(name: string): Promise<Hardware>;
}
