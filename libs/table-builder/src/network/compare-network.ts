import {
  BitwrightError,
  cancelledError,
  createRandomSource,
  deriveLayers,
  invalidField,
  type Layer,
  type LayerPrecision,
  type Network,
  type RandomSource,
  rankCorrelation,
} from '@bitwright/core';
import type { LookupCell, LookupTable, NetworkComparison } from '@bitwright/cost-tables';
import { describeShape, layerShapeKey, summarizeSamples } from '@bitwright/hardware-kit';
import { meanOf } from '../mean.js';
import type { Runner } from '../runner.js';

/** One policy: what its layers add up to, and what the network took. */
export type NetworkPoint = { readonly sumMs: number; readonly measuredMs: number };

export type NetworkProgress = {
  readonly policies: number;
  readonly allPolicies: number;
  readonly etaSeconds: number | undefined;
  /** What went wrong with the last one, if anything. */
  readonly failure: string | undefined;
};

export type CompareNetworkOptions = {
  readonly table: LookupTable;
  readonly network: Network;
  /** The network, in the words of whoever asks. */
  readonly networkName: string;
  readonly runner: Runner;
  readonly batch: number;
  readonly policies: number;
  /** Samples of each. */
  readonly repeats: number;
  readonly warmUp: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: NetworkProgress) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
};

export type ComparedNetwork = { readonly comparison: NetworkComparison; readonly points: readonly NetworkPoint[] };

/**
 * Measures a whole network under random policies of the table's pairs of bits, and compares with the sums over all its
 * layers. Throws `invalid_argument` for a layer that the table lacks, `failed_precondition` `NETWORK_NOT_MEASURED` when
 * fewer than two policies could be measured, and what the runner throws.
 */
export async function compareNetwork(options: CompareNetworkOptions): Promise<ComparedNetwork> {
  const { table, network, networkName, runner, batch, seed, now = Date.now } = options;
  const layers = deriveLayers(network);
  const cells = layers.map((layer) => cellsOf(table, layer, batch));
  const policies = drawPolicies(cells, options.policies, createRandomSource(seed));
  const { points, failure } = await measurePolicies({ ...options, now }, layers, policies);
  if (points.length < 2) throw notMeasured(failure);
  const errors = points.map(({ sumMs, measuredMs }) => (100 * (sumMs - measuredMs)) / measuredMs);
  const comparison = {
    ...{ date: new Date(now()).toISOString(), network: networkName, runner: runner.name, policies: points.length },
    meanAbsoluteErrorPercent: meanOf(errors.map(Math.abs)),
    biasPercent: meanOf(errors),
    rankCorrelation: rankCorrelation(
      points.map(({ sumMs }) => sumMs),
      points.map(({ measuredMs }) => measuredMs),
    ),
  };
  return { comparison, points };
}

function cellsOf({ layers }: LookupTable, layer: Layer, batch: number): readonly LookupCell[] {
  const key = layerShapeKey(layer);
  const found = layers.find((row) => row.batch === batch && layerShapeKey(row) === key);
  if (found !== undefined) return found.cells;
  const problem = `has no costs of ${layer.name} (${describeShape(layer)}) at batch ${batch}`;
  throw invalidField('table', `${problem}; a comparison needs every layer of the network`, 'LAYER_NOT_IN_TABLE');
}

/**
 * From all cheap to all dear, as budgets are: each policy draws how many of its layers take one of their cheaper cells.
 * Draws that were even in every layer would all cost nearly the same.
 */
function drawPolicies(
  cells: readonly (readonly LookupCell[])[],
  count: number,
  random: RandomSource,
): readonly (readonly LookupCell[])[] {
  const sorted = cells.map((choices) => choices.toSorted((a, b) => a.latencyMs - b.latencyMs));
  const drawPolicy = () => {
    const cheap = random.uniform();
    return sorted.map((choices) => {
      const isCheap = random.uniform() < cheap;
      const half = isCheap ? choices.slice(0, Math.ceil(choices.length / 2)) : choices.slice(choices.length >> 1);
      return half[random.integer(half.length)] as LookupCell;
    });
  };
  return Array.from({ length: count }, drawPolicy);
}

async function measurePolicies(
  options: CompareNetworkOptions & { readonly now: () => number },
  layers: readonly Layer[],
  policies: readonly (readonly LookupCell[])[],
): Promise<{ readonly points: readonly NetworkPoint[]; readonly failure: string | undefined }> {
  const startedAt = options.now();
  const points: NetworkPoint[] = [];
  let failure: string | undefined;
  for (const [index, policy] of policies.entries()) {
    const measured = await measurePolicy(options, layers, policy);
    if (typeof measured === 'number') points.push({ sumMs: sumOf(policy), measuredMs: measured });
    else failure = measured;
    const secondsEach = (options.now() - startedAt) / 1000 / (index + 1);
    options.onProgress?.({
      ...{ policies: index + 1, allPolicies: policies.length, etaSeconds: secondsEach * (policies.length - index - 1) },
      failure: typeof measured === 'number' ? undefined : measured,
    });
    // The first that fails tells of all: none is worth the wait.
    if (points.length === 0) break;
  }
  return { points, failure };
}

const sumOf = (cells: readonly LookupCell[]) => cells.reduce((sum, { latencyMs }) => sum + latencyMs, 0);

/** The median, or why there is none. */
async function measurePolicy(
  { runner, network, batch, repeats, warmUp, signal }: CompareNetworkOptions,
  layers: readonly Layer[],
  policy: readonly LayerPrecision[],
): Promise<number | string> {
  const samples: number[] = [];
  while (samples.length < repeats + warmUp) {
    if (signal.aborted) throw cancelledError();
    const request = { network, layers, batch, samples: repeats + warmUp - samples.length };
    const precisions = policy.map(({ weightBits, activationBits }) => ({ weightBits, activationBits }));
    const answer = await runner.measureNetwork(request, precisions, signal);
    if (answer.outcome !== 'measured') return answer.reason;
    samples.push(...answer.samplesMs);
  }
  const { median } = summarizeSamples(samples.slice(Math.min(warmUp, samples.length - 1)));
  return median > 0 ? median : 'it took 0 ms';
}

function notMeasured(failure: string | undefined): BitwrightError {
  const fix = 'a runner that knows only layers cannot be compared with whole networks';
  const message = `the whole network could not be measured: ${failure ?? 'fewer than two policies'}; ${fix}`;
  return new BitwrightError('failed_precondition', 'NETWORK_NOT_MEASURED', message);
}
