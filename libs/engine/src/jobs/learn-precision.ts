import {
  BitwrightError,
  type CostTable,
  costCell,
  type Layer,
  type LearnedLayer,
  type PinRule,
  type PrecisionBudget,
} from '@bitwright/core';
import type { JobContext } from '@bitwright/worker-pool';
import type { BitBudget } from '../evaluation/bit-budget.js';
import type { Learning } from '../evaluation/learn-precision.js';
import { isFree } from '../evaluation/learn-precision.js';
import { projectPlan } from '../evaluation/project-levels.js';
import type { LayerPlan } from '../quantization/plan.js';
import { writeCheckpointFile } from './checkpoint-file.js';
import type { PrecisionLearning, ResultOf } from './job.js';
import { runWork } from './run-work.js';
import type { Workbench } from './workbench.js';

/** Learns, measures with levels and with uniform grids in their place, and keeps the parameters. */
export async function learnPrecision(
  { evaluator, model }: Workbench,
  request: PrecisionLearning,
  context: JobContext,
): Promise<ResultOf<'learn-precision'>> {
  const started = performance.now();
  const { budget, pin, fidelity, seed, split, gateOrder: order, ...rates } = request;
  const budgets = toBudgets(budget, evaluator.layers, pin);
  const learning: Learning = { budgets, fidelity, seed, options: { ...rates, pin, order } };
  const { accuracy, loss, samples, layers, parameters, plan } = await runWork(
    evaluator.learn(learning, split),
    context,
  );
  const projected = projectPlan(plan, parameters);
  const uniform = await runWork(
    evaluator.remeasure(parameters, projected.plan, split, fidelity.validationSamples),
    context,
  );
  const seconds = (performance.now() - started) / 1000;
  const result = {
    ...{ accuracy, loss, samples, split, seconds, uniformAccuracy: uniform.accuracy },
    policy: { weightQuantizer: 'k-means', granularity: 'per-tensor', layers } as const,
    layers: plan.map((entry, index) => describeLayer(entry, projected.errors[index] as number)),
  };
  const checkpoint = writeCheckpointFile({ model: { network: model.network, parameters }, plan });
  return { kind: 'learn-precision', result, checkpoint };
}

function describeLayer({ weight, activation }: LayerPlan, uniformError: number): LearnedLayer {
  const levelsOf = (quantizer: LayerPlan['weight'] | LayerPlan['activation']) =>
    quantizer.kind === 'levels' ? [...quantizer.levels] : [];
  return { weightLevels: levelsOf(weight), inputLevels: levelsOf(activation), uniformError };
}

function toBudgets(budget: PrecisionBudget, layers: readonly Layer[], pin: PinRule): readonly BitBudget[] {
  if (budget.kind === 'hardware') return [hardwareBudget(budget, layers)];
  const free = layers.filter((layer) => isFree(layer, layers, pin));
  const total = (count: (layer: Layer) => number) => free.reduce((sum, layer) => sum + count(layer), 0);
  const counted = (index: number) => free.find((layer) => layer.index === index);
  return [
    {
      limit: budget.weightBits * total(({ weights }) => weights),
      cost: (index, { weightBits }) => (counted(index)?.weights ?? 0) * weightBits,
    },
    {
      limit: budget.activationBits * total(({ inputElements }) => inputElements),
      cost: (index, { activationBits }) => (counted(index)?.inputElements ?? 0) * activationBits,
    },
  ];
}

function hardwareBudget(
  { table, metric, limit }: Extract<PrecisionBudget, { kind: 'hardware' }>,
  layers: readonly Layer[],
): BitBudget {
  if (table.cells.length !== layers.length) {
    const message = `the cost table has ${table.cells.length} layers, the network has ${layers.length}`;
    throw new BitwrightError('invalid_argument', 'TABLE_LENGTH', message);
  }
  return { limit, cost: (layer, bits) => costOf(table, metric, layer, bits.weightBits, bits.activationBits) };
}

function costOf(table: CostTable, metric: 'latency' | 'energy', layer: number, weightBits: number, inputBits: number) {
  if (table.counted[layer] !== true) return 0;
  const { latencyMs, energyMj } = costCell(table, layer, weightBits, inputBits);
  if (metric === 'latency') return latencyMs;
  if (energyMj !== undefined) return energyMj;
  throw new BitwrightError('unsupported', 'METRIC_UNSUPPORTED', `${table.hardware} does not report energy`);
}
