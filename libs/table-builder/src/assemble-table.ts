import { type CountedLayers, type LayerPrecision, VERSION } from '@bitwright/core';
import {
  type LookupCell,
  type LookupLayer,
  type LookupTable,
  lookupLayer,
  TABLE_LIMITS,
  type TableMeasurement,
} from '@bitwright/cost-tables';
import { layerShapeKey, type SampleSummary, summarizeSamples } from '@bitwright/hardware-kit';
import type { CellRecord, CellRecords, Effort } from './cell-records.js';
import type { PlannedShape, TablePlan } from './plan-table.js';
import type { MeasuredAnswer, RunnerDescription } from './runner.js';

/** A cell that has no cost, and why: the device cannot run it, or its measurement failed. */
export type MissingCell = LayerPrecision & {
  /** Names of the layers that have this shape. */
  readonly layers: readonly string[];
  readonly why: 'unsupported' | 'failed';
  /** In the runner's words. */
  readonly reason: string;
};

export type MeasuredTable = { readonly table: LookupTable; readonly missing: readonly MissingCell[] };

export type AssembleOptions = {
  readonly plan: TablePlan;
  readonly records: CellRecords;
  readonly effort: Effort;
  readonly description: RunnerDescription;
  readonly counted: CountedLayers;
  readonly record: Pick<TableMeasurement, 'startedAt' | 'finishedAt' | 'runner' | 'network' | 'seed'>;
};

/** The table of what was measured: medians without outliers, every layer of the network; cells without a cost left out. */
export function assembleTable(options: AssembleOptions): MeasuredTable {
  const { plan, records, effort, description, counted } = options;
  const shapes = new Map(plan.shapes.map((shape) => [shape.key, summarizeShape(shape, records, effort)]));
  const layers = plan.layers.flatMap((layer): readonly LookupLayer[] => {
    const cells = shapes.get(layerShapeKey(layer))?.cells ?? [];
    return cells.length === 0 ? [] : [lookupLayer(layer, plan.batch, cells)];
  });
  const missing = plan.shapes.flatMap((shape) => missingCells(shape, options));
  const { name: hardware, version, provenance } = description;
  const source = { hardware, version, provenance, description: clip(description.description, TABLE_LIMITS.text) };
  const measurement = recordOf(
    options,
    [...shapes.values()].flatMap(({ summaries }) => summaries),
    missing,
  );
  return { table: { source, device: deviceOf(options), measurement, counted, layers }, missing };
}

type ShapeSummary = { readonly cells: readonly LookupCell[]; readonly summaries: readonly SampleSummary[] };

function summarizeShape({ key, pairs }: PlannedShape, records: CellRecords, { warmUp }: Effort): ShapeSummary {
  const measured = pairs.flatMap((pair) => {
    const record = records.get(key, pair);
    if (record.answers.length === 0) return [];
    const summary = summarizeSamples(samplesThatCount(record, warmUp));
    return [{ summary, cell: toCell(pair, record, summary) }];
  });
  return { cells: measured.map(({ cell }) => cell), summaries: measured.map(({ summary }) => summary) };
}

/** Without those of the warm-up; of fewer samples than that the last. */
function samplesThatCount({ answers }: CellRecord, warmUp: number): readonly number[] {
  const samples = answers.flatMap(({ samplesMs }) => samplesMs);
  return samples.slice(Math.min(warmUp, samples.length - 1));
}

/** The median's latency; what else is known is that of the answer which is nearest to it. */
function toCell(pair: LayerPrecision, { answers }: CellRecord, { median, spread }: SampleSummary): LookupCell {
  const distance = ({ samplesMs }: MeasuredAnswer) => Math.min(...samplesMs.map((sample) => Math.abs(sample - median)));
  const [nearest] = [...answers].sort((a, b) => distance(a) - distance(b));
  const { figures } = nearest as MeasuredAnswer;
  const spreads = [spread, figures.spreadMs].filter((width) => width !== undefined);
  // Parts of another time than the one given would not add up.
  const isExact = distance(nearest as MeasuredAnswer) === 0;
  return {
    ...pair,
    latencyMs: median,
    energyMj: figures.energyMj,
    trafficBytes: figures.trafficBytes,
    bound: figures.bound,
    computeMs: isExact ? figures.computeMs : undefined,
    memoryMs: isExact ? figures.memoryMs : undefined,
    overheadMs: isExact ? figures.overheadMs : undefined,
    executedWeightBits: figures.executedWeightBits ?? pair.weightBits,
    executedActivationBits: figures.executedActivationBits ?? pair.activationBits,
    spreadMs: spreads.length === 0 ? undefined : Math.max(...spreads),
    interpolated: figures.interpolated === true ? true : undefined,
  };
}

function missingCells({ key, pairs }: PlannedShape, { plan, records }: AssembleOptions): readonly MissingCell[] {
  return pairs.flatMap((pair): readonly MissingCell[] => {
    const record = records.get(key, pair);
    if (record.answers.length > 0) return [];
    const layers = plan.layers.filter((layer) => layerShapeKey(layer) === key).map(({ name }) => name);
    const { unsupported, failures } = record;
    return unsupported === undefined
      ? [{ ...pair, layers, why: 'failed', reason: failures.at(-1) ?? 'was not asked for' }]
      : [{ ...pair, layers, why: 'unsupported', reason: unsupported }];
  });
}

/** What the runner says of the device, and what single answers added; the later one counts. */
function deviceOf({ plan, records, description }: AssembleOptions): Readonly<Record<string, string>> {
  const answers = plan.shapes.flatMap(({ key, pairs }) => pairs.flatMap((pair) => records.get(key, pair).answers));
  const all = Object.assign({}, description.device, ...answers.map(({ device }) => device ?? {})) as Record<
    string,
    string
  >;
  const entries = Object.entries(all).slice(0, TABLE_LIMITS.deviceEntries);
  return Object.fromEntries(
    entries.map(([key, text]) => [clip(key, TABLE_LIMITS.name), clip(text, TABLE_LIMITS.name)]),
  );
}

function recordOf(
  { effort, record }: AssembleOptions,
  summaries: readonly SampleSummary[],
  missing: readonly MissingCell[],
): TableMeasurement {
  const count = (why: MissingCell['why']) => missing.filter((cell) => cell.why === why).length;
  return {
    ...record,
    runner: clip(record.runner, TABLE_LIMITS.text),
    network: clip(record.network, TABLE_LIMITS.text),
    software: `bitwright ${VERSION}`,
    repeats: effort.repeats,
    warmUp: effort.warmUp,
    samples: summaries.reduce((sum, { count: samples }) => sum + samples, 0),
    outliers: summaries.reduce((sum, { outliers }) => sum + outliers, 0),
    unsupportedCells: count('unsupported'),
    failedCells: count('failed'),
  };
}

const clip = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
