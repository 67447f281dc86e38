import { fitsBudget } from '../cost/budget.js';
import { createTargetsPricer, type PolicyPricer } from '../cost/policy-cost.js';
import { BitwrightError, invalidField } from '../errors.js';
import { deriveLayers, type Layer } from '../network/layers.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { PrecisionSpace } from '../policy/precision-space.js';
import type { HardwareCatalog } from '../ports/hardware.js';
import type { DatasetDescription, ModelDescription, Preprocessing, Quantizer } from '../ports/quantizer.js';
import { type Baseline, chooseBaselines } from './baselines.js';
import { type CostEvaluator, createCostEvaluator } from './evaluate-cost.js';
import { preprocessingFor, requireFittingImages } from './fitting-data.js';
import { openTargets, type PreparedTarget, spaceOf } from './prepared-target.js';
import { type Limits, resolveLimits } from './resolve-limits.js';
import type { SearchSpec, Trial } from './search.js';

/** A search whose parts were found, priced and proven feasible. */
export type PreparedSearch = Limits & {
  readonly spec: SearchSpec;
  readonly model: ModelDescription & { readonly modelDigest: string };
  /** The model's own, or padding and statistics of the data for a model that brings none. */
  readonly preprocessing: Preprocessing;
  readonly dataset: DatasetDescription;
  readonly layers: readonly Layer[];
  /** At least one, the primary one first. */
  readonly targets: readonly PreparedTarget[];
  readonly space: PrecisionSpace;
  readonly baselines: readonly Baseline[];
  /** By the targets' tables: at once, and a first guess for hardware that is not additive. */
  readonly prior: PolicyPricer;
  /** What a policy really costs. */
  readonly evaluate: CostEvaluator;
};

export type PrepareOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Of the same search: what their policies cost is known. */
  readonly trials?: readonly Trial[];
};

/**
 * Looks up model, data and hardware, tabulates the costs and resolves the budget. Throws what its parts throw, and
 * `failed_precondition` when the model has no trained parameters or the budget cannot be reached.
 */
export async function prepareSearch(
  spec: SearchSpec,
  ports: { readonly quantizer: Quantizer; readonly hardware: HardwareCatalog },
  { signal, trials = [] }: PrepareOptions = {},
): Promise<PreparedSearch> {
  const model = requireTrained(await ports.quantizer.describeModel(spec.model, signal));
  const dataset = await ports.quantizer.describeDataset(spec.dataset, signal);
  requireSameClasses(model, dataset);
  requireFittingImages(model, dataset, 'spec.dataset');
  const { network } = model;
  const layers = deriveLayers(network);
  const targets = await openTargets(spec.hardware, layers, ports.hardware, signal);
  const space = spaceOf(spec, layers, targets);
  const tables = targets.map(({ table }) => table);
  const prior = createTargetsPricer(layers, tables);
  const evaluate = createCostEvaluator({ network, layers, targets, prior }, trials);
  const evaluateNow = (policy: PrecisionPolicy) => evaluate(policy, { catalog: ports.hardware, signal });
  const limits = await resolveLimits({ spec, layers, space, targets, evaluate: evaluateNow });
  const fits = async (policy: PrecisionPolicy) => fitsBudget(await evaluateNow(policy), limits.constraints);
  const baselines = await chooseBaselines(space, fits);
  const preprocessing = preprocessingFor(model, dataset);
  const found = { spec, model, dataset, preprocessing, layers, targets };
  return { ...found, ...limits, space, baselines, prior, evaluate };
}

function requireTrained(model: ModelDescription): PreparedSearch['model'] {
  if (model.modelDigest !== undefined) return { ...model, modelDigest: model.modelDigest };
  const { name, input, classes } = model.network;
  const shape = `this width for images of ${input.height} pixels and ${classes} classes`;
  const message = `there is no trained checkpoint of ${name} in ${shape}; give an ONNX file, or one of those that \`bitwright models\` lists, with all its settings`;
  throw new BitwrightError('failed_precondition', 'MODEL_UNTRAINED', message);
}

function requireSameClasses(model: ModelDescription, dataset: DatasetDescription): void {
  if (model.network.classes === dataset.classes) return;
  const found = `${dataset.name} has ${dataset.classes} classes, the network ${model.network.name} has ${model.network.classes}`;
  throw invalidField('spec.dataset', found, 'DATASET_CLASSES');
}
