import { rm } from 'node:fs/promises';
import type { CountedLayers } from '@bitwright/core';
import { assembleTable, type MeasuredTable } from './assemble-table.js';
import { createCellRecords, type Effort } from './cell-records.js';
import type { JournalSettings } from './journal/journal-line.js';
import { type Journal, openJournal } from './journal/open-journal.js';
import { type BuildProgress, measureCells } from './measure-cells.js';
import { pairsOfPlan, planDigest, type TablePlan } from './plan-table.js';
import type { Runner, RunnerDescription } from './runner.js';

export type BuildTableOptions = {
  readonly plan: TablePlan;
  readonly runner: Runner;
  readonly description: RunnerDescription;
  readonly effort: Effort;
  readonly seed: number;
  readonly counted: CountedLayers;
  /** The network, in the words of whoever asks. */
  readonly network: string;
  /** Where measurements are kept until the table is written; what is there is gone on with. */
  readonly journalPath: string;
  /** Whether what is there is thrown away. */
  readonly restart: boolean;
  /** What samples depend on besides the plan and the runner, by name; the journal of other settings is refused. */
  readonly settings?: JournalSettings | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
};

export type BuiltTable = MeasuredTable & {
  /** Measurements that an earlier run had made. */
  readonly resumed: number;
  /**
   * Takes the journal away; to be called when the table is on disk. While cells failed it stays, so that the same build
   * tries them again.
   */
  finish(): Promise<void>;
};

/**
 * Measures a table, or goes on with one: shapes x pairs of bits, shuffled, repeated, each sample on disk before it is told
 * of. What was measured stays in the journal when this throws: what {@link measureCells} and {@link openJournal} throw.
 */
export async function buildTable(options: BuildTableOptions): Promise<BuiltTable> {
  const { now = Date.now, plan, effort } = options;
  const journal = await openJournal({
    path: options.journalPath,
    settings: settingsOf(options),
    restart: options.restart,
    now: new Date(now()).toISOString(),
  });
  try {
    const records = createCellRecords();
    for (const { shape, answer, ...pair } of journal.entries) records.add(shape, pair, answer);
    await measureCells({ ...options, records, journal, now });
    const measured = assembleTable({ ...options, plan, effort, records, record: recordOf(options, journal, now) });
    const hasFailed = measured.missing.some(({ why }) => why === 'failed');
    const finish = async () => (hasFailed ? undefined : rm(options.journalPath, { force: true }));
    return { ...measured, resumed: journal.entries.length, finish };
  } finally {
    await journal.close();
  }
}

function settingsOf({ plan, runner, description, settings }: BuildTableOptions): JournalSettings {
  return {
    ...{ runner: runner.name, hardware: `${description.name} ${description.version}`.trim() },
    ...{ layers: plan.layers.length, shapes: plan.shapes.length, batch: plan.batch, bits: pairsOfPlan(plan) },
    ...{ ...settings, cells: planDigest(plan) },
  };
}

function recordOf({ runner, network, seed }: BuildTableOptions, { startedAt }: Journal, now: () => number) {
  return { startedAt, finishedAt: new Date(now()).toISOString(), runner: runner.name, network, seed };
}
