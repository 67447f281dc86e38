import {
  BitwrightError,
  cancelledError,
  createRandomSource,
  deriveSeed,
  type LayerPrecision,
  permutation,
} from '@bitwright/core';
import { describeShape } from '@bitwright/hardware-kit';
import { type BuildTally, type CellRecords, type Effort, missingSamples, tallyCells } from './cell-records.js';
import type { JournalEntry } from './journal/journal-line.js';
import type { Journal } from './journal/open-journal.js';
import { type PlannedShape, pairText, type TablePlan } from './plan-table.js';
import type { CellAnswer, Runner } from './runner.js';

/** Where the measurement stands. */
export type BuildProgress = BuildTally & {
  /** Of what remains, by the pace of this run; undefined until something was measured. */
  readonly etaSeconds: number | undefined;
  /** What was asked last. */
  readonly layer: string;
  /** What went wrong with it: one text for each pair of bits that failed. */
  readonly failures: readonly string[];
};

export type MeasureCellsOptions = {
  readonly plan: TablePlan;
  readonly runner: Runner;
  /** Holds what is known already, and what is measured. */
  readonly records: CellRecords;
  readonly journal: Pick<Journal, 'append'>;
  readonly effort: Effort;
  /** Of the order: cells come shuffled, so that a device that warms up is unfair to no layer. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called when what it tells of is on disk. */
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** One asking: a shape at one or more pairs of bits. */
type Visit = { readonly shape: PlannedShape; readonly pairs: readonly LayerPrecision[] };

/** So many first attempts that fail one after another are no matter of single cells. */
const MOST_FAILURES_IN_A_ROW = 20;

/**
 * Measures every cell until it has its samples, round by round, each in an order of its own; what failed comes again in
 * the next round. Throws `failed_precondition` `RUNNER_FAILS` when nothing but failures comes, and what the runner throws.
 */
export async function measureCells(options: MeasureCellsOptions): Promise<void> {
  const { plan, records, effort, runner, seed } = options;
  const watch = createWatch(options);
  for (let round = 0; ; round += 1) {
    const visits = visitsOf(plan, records, effort, runner.asks);
    if (visits.length === 0) return;
    for (const index of permutation(visits.length, createRandomSource(deriveSeed(seed, `round ${round}`)))) {
      if (options.signal.aborted) throw cancelledError();
      const visit = visits[index] as Visit;
      watch.heard(visit, await askOnce(options, visit));
    }
  }
}

function visitsOf(plan: TablePlan, records: CellRecords, effort: Effort, asks: Runner['asks']): readonly Visit[] {
  return plan.shapes.flatMap((shape) => {
    const pairs = shape.pairs.filter((pair) => missingSamples(records.get(shape.key, pair), effort) > 0);
    if (asks === 'cells') return pairs.map((pair) => ({ shape, pairs: [pair] }));
    return pairs.length === 0 ? [] : [{ shape, pairs }];
  });
}

/** Asks, and keeps the answers: first on disk, then in memory. */
async function askOnce(options: MeasureCellsOptions, { shape, pairs }: Visit): Promise<readonly CellAnswer[]> {
  const { plan, records, effort, runner, journal, signal } = options;
  const samples = Math.max(...pairs.map((pair) => missingSamples(records.get(shape.key, pair), effort)));
  const request = { layer: shape.layer, batch: plan.batch, samples };
  const answers = await runner.measureLayer(request, pairs, signal);
  const entries = answers.flatMap((answer, index): readonly JournalEntry[] =>
    answer.outcome === 'failed' ? [] : [{ shape: shape.key, ...(pairs[index] as LayerPrecision), answer }],
  );
  await journal.append(entries);
  answers.forEach((answer, index) => {
    records.add(shape.key, pairs[index] as LayerPrecision, answer);
  });
  return answers;
}

/** Tells of progress, and gives up where a runner only fails. */
function createWatch({ plan, records, effort, onProgress, now }: MeasureCellsOptions) {
  const startedAt = now();
  const { samples: before } = tallyCells(plan, records, effort);
  let failuresInARow = 0;
  const heard = ({ shape, pairs }: Visit, answers: readonly CellAnswer[]) => {
    const failures = answers.flatMap((answer, index) =>
      answer.outcome === 'failed' ? [`${pairText(pairs[index] as LayerPrecision)} bits: ${answer.reason}`] : [],
    );
    const tally = tallyCells(plan, records, effort);
    const done = tally.samples - before;
    const secondsEach = (now() - startedAt) / 1000 / done;
    const etaSeconds = done > 0 ? secondsEach * (tally.allSamples - tally.samples) : undefined;
    onProgress?.({ ...tally, etaSeconds, layer: shape.layer.name, failures });
    if (failures.length < answers.length) failuresInARow = 0;
    else if (pairs.every((pair) => records.get(shape.key, pair).failures.length === 1)) failuresInARow += 1;
    if (failuresInARow >= MOST_FAILURES_IN_A_ROW) throw runnerFails(shape, failures[0] ?? '');
  };
  return { heard };
}

function runnerFails({ layer }: PlannedShape, reason: string): BitwrightError {
  const last = `the last was ${layer.name} (${describeShape(layer)}) at ${reason}`;
  const message = `${MOST_FAILURES_IN_A_ROW} measurements in a row failed, so that the runner itself must be at fault; ${last}`;
  return new BitwrightError('failed_precondition', 'RUNNER_FAILS', message);
}
