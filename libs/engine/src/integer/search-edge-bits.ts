import {
  type CostTable,
  createRandomSource,
  deriveLayers,
  deriveSeed,
  type Model,
  modelDigest,
  type Preprocessing,
  type WorkProgress,
} from '@bitwright/core';
import type { Dataset, Samples } from '@bitwright/datasets';
import {
  analyseTopology,
  assertStrategyFits,
  type BitMeasure,
  type BitVariable,
  createBitSearch,
  type EdgeBits,
  type EdgeStrategy,
  estimateThresholds,
  fitAccumulators,
  formatStrategyRecord,
  type HardwareSpecification,
  type IntegerGraph,
  isBetter,
  type LatencyTerm,
  latencyTerm,
  lowerToIntegers,
  type ObjectiveKind,
  type ScoredBits,
  type StrategyRecord,
  scoreOf,
  searchSpace,
  type ThresholdMethod,
  type Thresholds,
  type Topology,
} from '@bitwright/hago';
import { chooseOrAll } from '../samples/choose-samples.js';
import type { Work } from '../work.js';
import { collectStatistics } from './collect-statistics.js';
import { createIntegerEvaluator, floatGraph, type IntegerEvaluator } from './integer-evaluator.js';

export type EdgeSearchOptions = {
  readonly specification: HardwareSpecification;
  /** Name of a search of the registry. */
  readonly search: string;
  readonly objective: ObjectiveKind;
  readonly thresholds: ThresholdMethod;
  readonly powerOfTwo: boolean;
  /** Training samples that thresholds are estimated on. */
  readonly calibrationSamples: number;
  /** Validation samples that every assignment is measured on. */
  readonly scoredSamples: number;
  readonly maxTrials: number;
  readonly seed: number;
  /** Begins where sums fit their accumulators; else at the most bits, as HAGO does. */
  readonly fitsAccumulators: boolean;
  /** Layers from the input on that stay float. */
  readonly floatLayers: number;
  /** Latency in the objective: costs of the layers, and what all of it is worth. */
  readonly latency?: { readonly table: CostTable; readonly weight: number } | undefined;
};

/** What a network becomes on some hardware, before any bits are chosen. */
export type IntegerTask = {
  readonly model: Model;
  readonly modelHash: string;
  readonly topology: Topology;
  readonly space: readonly BitVariable[];
};

/** The best strategy, its integer graph, and everything that was tried. */
export type EdgeSearchResult = {
  readonly best: StrategyRecord;
  readonly graph: IntegerGraph;
  readonly records: readonly StrategyRecord[];
};

/** `model` is folded. */
export function integerTask(model: Model, specification: HardwareSpecification, floatLayers = 0): IntegerTask {
  const layers = deriveLayers(model.network);
  const kept = new Set(layers.slice(0, floatLayers).map(({ name }) => name));
  const topology = analyseTopology(model.network, specification, kept);
  return { model, modelHash: modelDigest(model), topology, space: searchSpace(topology) };
}

/**
 * HAGO: thresholds from calibration samples, then a search over the bits of the edges by executing the integer graph. The best
 * has the highest score, of equal ones the fewest bits.
 */
export function* searchEdgeBits(
  task: IntegerTask,
  data: Dataset,
  preprocessing: Preprocessing,
  options: EdgeSearchOptions,
): Work<EdgeSearchResult> {
  const { training, validation } = data.splits;
  const calibration = chooseOrAll(training, options.calibrationSamples, deriveSeed(options.seed, 'calibration'));
  const statistics = yield* collectStatistics(task.model, calibration, preprocessing);
  const thresholds = estimateThresholds(statistics, options.thresholds, options.powerOfTwo);
  // The same samples for every seed, so that scores can be compared.
  const scored = chooseOrAll(validation, options.scoredSamples, deriveSeed(0, 'scored'));
  using evaluator = createIntegerEvaluator(task.model, preprocessing);
  const { logits } = yield* evaluator.measure(floatGraph(task.model), scored);
  const maximums = new Map([...statistics].map(([name, tensor]) => [name, tensor.channelMaximums]));
  const { model, topology, space } = task;
  const choices = options.fitsAccumulators ? fitAccumulators(model, topology, space, thresholds, maximums) : space;
  return yield* runSearch(task, { thresholds, choices }, options, { evaluator, scored, reference: logits });
}

/** Where a search begins: thresholds, and the task's variables with the choices that are left of them. */
type Start = { readonly thresholds: Thresholds; readonly choices: readonly BitVariable[] };

type Bench = { readonly evaluator: IntegerEvaluator; readonly scored: Samples; readonly reference: Float32Array };

function* runSearch(
  task: IntegerTask,
  { thresholds, choices }: Start,
  options: EdgeSearchOptions,
  bench: Bench,
): Work<EdgeSearchResult> {
  const latency = options.latency && latencyTermOf(task, options.latency);
  const search = createBitSearch(options.search, choices, createRandomSource(deriveSeed(options.seed, 'bits')));
  const measured = new Map<string, StrategyRecord>();
  const strategyOf = (bits: EdgeBits): EdgeStrategy => ({
    ...{ modelHash: task.modelHash, hardware: task.topology.specification.name, bits, thresholds },
  });
  let best: ScoredBits | undefined;
  const progress = (): WorkProgress => {
    return { phase: 'searching', done: measured.size, total: estimateTrials(options, choices, measured.size) };
  };
  let step = search.next();
  while (step.done !== true && measured.size < options.maxTrials) {
    const scores: number[] = [];
    for (const bits of step.value) {
      const key = bits.join();
      // What is known costs no trial; a batch ends where the next one would be one too many.
      if (!measured.has(key) && measured.size === options.maxTrials) break;
      const known = measured.get(key)?.measure;
      const measure = known ?? (yield* told(measureBits(task, thresholds, bits, bench), progress));
      if (known === undefined) {
        const record = { strategy: strategyOf(bits), measure };
        measured.set(key, record);
        yield { ...progress(), logLines: [formatStrategyRecord(record)] };
      }
      const score = scoreOf(options.objective, bits, measure, latency);
      if (isBetter({ bits, score }, best)) best = { bits, score };
      scores.push(score);
    }
    yield progress();
    step = search.next(scores);
  }
  const { bits } = best as ScoredBits;
  const record = measured.get(bits.join()) as StrategyRecord;
  const graph = lowerToIntegers(task.model, task.topology, task.space, bits, thresholds);
  return { best: record, graph, records: [...measured.values()] };
}

/** The same work, with one progress for all of its steps. */
function* told<T>(work: Work<T>, progress: () => WorkProgress): Work<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    yield progress();
  }
}

function* measureBits(
  { model, topology, space }: IntegerTask,
  thresholds: Thresholds,
  bits: EdgeBits,
  { evaluator, scored, reference }: Bench,
): Work<BitMeasure> {
  const graph = lowerToIntegers(model, topology, space, bits, thresholds);
  const { accuracy, divergence } = yield* evaluator.measure(graph, scored, reference);
  return { accuracy, divergence };
}

/** A strategy that was found before, as a graph. Refuses one of another model or hardware. */
export function replayStrategy(task: IntegerTask, strategy: EdgeStrategy): IntegerGraph {
  assertOfTask(task, strategy);
  return lowerToIntegers(task.model, task.topology, task.space, strategy.bits, strategy.thresholds);
}

/**
 * The best of strategies that were found before, by the score that a search of these options gives them; of equal ones that
 * with the fewest bits. Refuses one of another model or hardware, whose bits would be those of other edges.
 */
export function bestStrategy(
  task: IntegerTask,
  records: readonly StrategyRecord[],
  { objective, latency }: Pick<EdgeSearchOptions, 'objective' | 'latency'>,
): StrategyRecord {
  const term = latency && latencyTermOf(task, latency);
  const scored = records.map((record) => {
    assertOfTask(task, record.strategy);
    const { bits } = record.strategy;
    return { record, bits, score: scoreOf(objective, bits, record.measure, term) };
  });
  return scored.reduce((one, other) => (isBetter(other, one) ? other : one)).record;
}

const assertOfTask = ({ modelHash, topology, space }: IntegerTask, strategy: EdgeStrategy) =>
  assertStrategyFits(strategy, modelHash, topology.specification.name, space.length);

function latencyTermOf(
  { model, topology, space }: IntegerTask,
  { table, weight }: NonNullable<EdgeSearchOptions['latency']>,
): LatencyTerm {
  return latencyTerm(table, deriveLayers(model.network), topology, space, weight);
}

/** Greedy searches end when they end: about two trials a variable. */
function estimateTrials({ search, maxTrials }: EdgeSearchOptions, space: readonly BitVariable[], done: number): number {
  const known: Readonly<Record<string, number>> = { default: 1, random: space.length, annealing: 688 };
  return Math.max(done, Math.min(maxTrials, known[search] ?? 2 * space.length));
}
