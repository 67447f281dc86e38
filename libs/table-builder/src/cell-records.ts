import type { LayerPrecision } from '@bitwright/core';
import { pairText, type TablePlan } from './plan-table.js';
import type { CellAnswer, MeasuredAnswer } from './runner.js';

/** All that is known of one cell. */
export type CellRecord = {
  readonly answers: readonly MeasuredAnswer[];
  /** Why the device cannot run it, if it cannot. */
  readonly unsupported: string | undefined;
  /** Why it could not be measured, of each attempt of this run. */
  readonly failures: readonly string[];
};

const EMPTY: CellRecord = { answers: [], unsupported: undefined, failures: [] };

/** What was measured so far, by shape and pair of bits. */
export type CellRecords = {
  get(shape: string, pair: LayerPrecision): CellRecord;
  add(shape: string, pair: LayerPrecision, answer: CellAnswer): void;
};

export function createCellRecords(): CellRecords {
  const records = new Map<string, CellRecord>();
  const keyOf = (shape: string, pair: LayerPrecision) => `${shape} ${pairText(pair)}`;
  const get = (shape: string, pair: LayerPrecision) => records.get(keyOf(shape, pair)) ?? EMPTY;
  const add = (shape: string, pair: LayerPrecision, answer: CellAnswer) =>
    void records.set(keyOf(shape, pair), withAnswer(get(shape, pair), answer));
  return { get, add };
}

function withAnswer(record: CellRecord, answer: CellAnswer): CellRecord {
  switch (answer.outcome) {
    case 'measured':
      return { ...record, answers: [...record.answers, answer] };
    case 'unsupported':
      return { ...record, unsupported: answer.reason };
    case 'failed':
      return { ...record, failures: [...record.failures, answer.reason] };
  }
}

/** How often a cell is measured, and how often it may fail. */
export type Effort = {
  /** Samples that count. */
  readonly repeats: number;
  /** Samples before them that do not. */
  readonly warmUp: number;
  /** Attempts after one that failed. */
  readonly retries: number;
};

const sampleCount = ({ answers }: CellRecord) => answers.reduce((sum, { samplesMs }) => sum + samplesMs.length, 0);

/** Samples that a cell still needs; 0 when nothing more is to be asked of it. */
export function missingSamples(record: CellRecord, { repeats, warmUp, retries }: Effort): number {
  if (record.unsupported !== undefined || record.failures.length > retries) return 0;
  return Math.max(0, repeats + warmUp - sampleCount(record));
}

/** Whether a cell stays without a cost although the device may run it. */
const isFailed = ({ answers, unsupported, failures }: CellRecord, { retries }: Effort) =>
  answers.length === 0 && unsupported === undefined && failures.length > retries;

export type BuildTally = {
  /** Cells that need nothing more, of all. */
  readonly cells: number;
  readonly allCells: number;
  /** Samples that are there, of those wanted; cells without a cost count as done. */
  readonly samples: number;
  readonly allSamples: number;
  readonly unsupported: number;
  readonly failed: number;
};

/** Where the whole stands. */
export function tallyCells(plan: TablePlan, records: CellRecords, effort: Effort): BuildTally {
  const wanted = effort.repeats + effort.warmUp;
  const all = plan.shapes.flatMap(({ key, pairs }) => pairs.map((pair) => records.get(key, pair)));
  const missing = all.map((record) => missingSamples(record, effort));
  const count = (isCounted: (record: CellRecord, index: number) => boolean) => all.filter(isCounted).length;
  return {
    cells: count((_, index) => missing[index] === 0),
    allCells: all.length,
    samples: missing.reduce((sum, number) => sum + wanted - number, 0),
    allSamples: wanted * all.length,
    unsupported: count(({ unsupported }) => unsupported !== undefined),
    failed: count((record) => isFailed(record, effort)),
  };
}
