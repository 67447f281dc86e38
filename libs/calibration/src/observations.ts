import type { TunableProfile } from '@bitwright/accelerators';
import { BitwrightError } from '@bitwright/core';
import type { LookupCell, LookupTable } from '@bitwright/cost-tables';
import { type Accelerator, type LayerShape, layerShapeKey } from '@bitwright/hardware-kit';

/** What is fitted: milliseconds or millijoules of the whole batch. */
export const METRICS = ['latency', 'energy'] as const;
export type Metric = (typeof METRICS)[number];

/** One measured cost of one layer shape. */
export type Observation = {
  readonly layer: LayerShape;
  /** Equal for equal shapes, whatever batch and bits. */
  readonly shape: string;
  readonly batch: number;
  readonly weightBits: number;
  readonly activationBits: number;
  /** Positive. */
  readonly measured: number;
  /** Share of the error that is the model's and not the scatter of the measurement, 0..1: see {@link weightOf}. */
  readonly weight: number;
};

export type Observations = {
  readonly observations: readonly Observation[];
  /** Costs that cannot be compared with the profile's, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>;
};

/** What of a table can be compared with a profile; each shape, batch and pair of bits counts once. */
export function readObservations(table: LookupTable, profile: TunableProfile, metric: Metric): Observations {
  const seen = new Set<string>();
  const observations: Observation[] = [];
  const leftOut: Record<string, number> = {};
  for (const layer of table.layers) {
    const shape = layerShapeKey(layer);
    for (const cell of layer.cells) {
      const key = `${shape};${layer.batch};${cell.weightBits};${cell.activationBits}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const measured = metricOf(cell, metric);
      const reason = reasonAgainst(cell, measured) ?? refusalOf(profile.accelerator, layer, layer.batch, cell);
      if (reason !== undefined) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
      else {
        const { weightBits, activationBits } = cell;
        const weight = metric === 'latency' ? weightOf(cell) : 1;
        observations.push({
          ...{ layer, shape, batch: layer.batch, weightBits, activationBits },
          ...{ measured: measured as number, weight },
        });
      }
    }
  }
  return { observations, leftOut };
}

export function metricOf(cost: Pick<LookupCell, 'latencyMs' | 'energyMj'>, metric: Metric): number | undefined {
  return metric === 'latency' ? cost.latencyMs : cost.energyMj;
}

function reasonAgainst(cell: LookupCell, measured: number | undefined): string | undefined {
  if (cell.interpolated === true) return 'are interpolated, that is guesses';
  if (measured === undefined) return 'have no energy';
  return measured > 0 ? undefined : 'are 0, which nothing can be compared with';
}

/** Why the profile has no cost of its own there. */
function refusalOf(
  { capabilities, layerCost }: Accelerator,
  layer: LayerShape,
  batch: number,
  { weightBits, activationBits }: LookupCell,
): string | undefined {
  const { name, maximumBatch } = capabilities;
  if (batch > maximumBatch) return `are of batches above ${maximumBatch}, the largest of ${name}`;
  try {
    layerCost(layer, weightBits, activationBits, batch);
    return undefined;
  } catch (error) {
    if (error instanceof BitwrightError && error.kind === 'unsupported')
      return `are of bits or operators that ${name} does not run`;
    throw error;
  }
}

/** What is left of a model's error where measurements are perfect: 2 %. A better fit than that is luck. */
const MODEL_ERROR = 0.02;
/** Of a normal distribution. */
const QUARTILE_RANGE_PER_DEVIATION = 1.349;

/** Inverse variance, relative to that of a perfect measurement: a cost that scatters by 2 % counts half. */
function weightOf({ latencyMs, spreadMs = 0 }: LookupCell): number {
  const deviation = spreadMs / QUARTILE_RANGE_PER_DEVIATION / latencyMs;
  return MODEL_ERROR ** 2 / (MODEL_ERROR ** 2 + deviation ** 2);
}

/** What the profile says to each observation. */
export function predict(
  { accelerator }: TunableProfile,
  observations: readonly Observation[],
  metric: Metric,
): readonly number[] {
  return observations.map(
    ({ layer, weightBits, activationBits, batch }) =>
      metricOf(accelerator.layerCost(layer, weightBits, activationBits, batch), metric) as number,
  );
}

/** How many layer shapes there are among them. */
export function countShapes(observations: readonly Observation[]): number {
  return new Set(observations.map(({ shape }) => shape)).size;
}
