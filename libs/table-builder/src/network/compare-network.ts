import {
  BitwrightError,
  cancelledError,
  createRandomSource,
  dataFlowOf,
  deriveLayers,
  invalidField,
  type Layer,
  type LayerPrecision,
  type Network,
  type RandomSource,
} from '@bitwright/core';
import {
  type ConvertedElements,
  conversionMs,
  convertedElements,
  type LookupCell,
  type LookupTable,
  type NetworkComparison,
  type TableConversions,
} from '@bitwright/cost-tables';
import { describeShape, layerShapeKey, summarizeSamples } from '@bitwright/hardware-kit';
import type { Runner } from '../runner.js';
import { fitConversions, forecastConversions } from './fit-conversions.js';
import { forecastErrors } from './forecast-errors.js';

/** One policy: what its layers add up to, what it converts between them, and what the network took. */
export type NetworkPoint = {
  readonly sumMs: number;
  readonly converted: ConvertedElements;
  readonly measuredMs: number;
};

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
  /** Finds what networks take beyond their layers, in place of what the table says. */
  readonly fitConversions: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: NetworkProgress) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
};

export type ComparedNetwork = {
  readonly comparison: NetworkComparison;
  readonly points: readonly NetworkPoint[];
  /** Fitted to all points, on request. */
  readonly conversions: TableConversions | undefined;
};

/**
 * Measures a whole network under random policies of the table's pairs of bits, and compares with what the table
 * foretells: the sums over all its layers, with its conversions where it has them. Throws `invalid_argument` for a layer
 * that the table lacks, `failed_precondition` `NETWORK_NOT_MEASURED` when fewer than two policies could be measured (of a
 * fit, {@link fitConversions}'s number), and what the runner throws.
 */
export async function compareNetwork(options: CompareNetworkOptions): Promise<ComparedNetwork> {
  const { table, network, networkName, runner, batch, seed, now = Date.now } = options;
  const layers = deriveLayers(network);
  const cells = layers.map((layer) => cellsOf(table, layer, batch));
  const policies = drawPolicies(cells, options.policies, createRandomSource(seed));
  const { points, failure } = await measurePolicies({ ...options, now }, layers, policies);
  if (points.length < 2) throw notMeasured(failure);
  const made = { date: new Date(now()).toISOString(), network: networkName, runner: runner.name };
  const comparison = {
    ...made,
    policies: points.length,
    ...forecastErrors(points, forecastsOf(table, options, points)),
  };
  if (!options.fitConversions) return { comparison, points, conversions: undefined };
  const withConversions = forecastErrors(points, forecastConversions(points));
  return { comparison: { ...comparison, withConversions }, points, conversions: fitConversions(points) };
}

function forecastsOf(
  { conversions }: LookupTable,
  { fitConversions: isFit }: CompareNetworkOptions,
  points: readonly NetworkPoint[],
): readonly number[] {
  const isSum = isFit || conversions === undefined;
  return points.map(({ sumMs, converted }) => (isSum ? sumMs : sumMs + conversionMs(conversions, converted)));
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
  const flow = dataFlowOf(options.network, layers);
  const startedAt = options.now();
  const points: NetworkPoint[] = [];
  let failure: string | undefined;
  for (const [index, policy] of policies.entries()) {
    const measured = await measurePolicy(options, layers, policy);
    if (typeof measured === 'number') {
      const converted = convertedElements(flow, layers, policy, options.batch);
      points.push({ sumMs: sumOf(policy), converted, measuredMs: measured });
    }
    if (typeof measured === 'string') failure = measured;
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
