import { type ResolvedConstraint, resolveBudget } from '../cost/budget.js';
import type { CostTable } from '../cost/cost-table.js';
import { createPolicyPricer, type PolicyPricer } from '../cost/policy-cost.js';
import { BitwrightError, invalidField } from '../errors.js';
import { deriveLayers, type Layer } from '../network/layers.js';
import { FLOAT_BITS, uniformPolicy } from '../policy/policy.js';
import {
  createPrecisionSpace,
  eightBitActivations,
  type PrecisionSpace,
  smallestPolicy,
} from '../policy/precision-space.js';
import type { HardwareCapabilities, HardwareCatalog } from '../ports/hardware.js';
import type { DatasetDescription, ModelDescription, Preprocessing, Quantizer } from '../ports/quantizer.js';
import type { SearchSpec } from './search.js';

/** A search whose parts were found, priced and proven feasible. */
export type PreparedSearch = {
  readonly spec: SearchSpec;
  readonly model: ModelDescription & { readonly modelDigest: string };
  /** The model's own, or padding and statistics of the data for a model that brings none. */
  readonly preprocessing: Preprocessing;
  readonly dataset: DatasetDescription;
  readonly layers: readonly Layer[];
  readonly capabilities: HardwareCapabilities;
  readonly table: CostTable;
  readonly space: PrecisionSpace;
  readonly constraints: readonly ResolvedConstraint[];
  readonly cost: PolicyPricer;
};

/**
 * Looks up model, data and hardware, tabulates the costs and resolves the budget. Throws what its parts throw, and
 * `failed_precondition` when the model has no trained parameters or the budget cannot be reached.
 */
export async function prepareSearch(
  spec: SearchSpec,
  ports: { readonly quantizer: Quantizer; readonly hardware: HardwareCatalog },
  signal?: AbortSignal,
): Promise<PreparedSearch> {
  const model = requireTrained(await ports.quantizer.describeModel(spec.model, signal));
  const dataset = await ports.quantizer.describeDataset(spec.dataset, signal);
  requireSameClasses(model, dataset);
  const layers = deriveLayers(model.network);
  const target = await ports.hardware.open(spec.hardware.name);
  const capabilities = await target.describe(signal);
  const { batch, counted } = spec.hardware;
  const table = await target.tabulate(layers, { batch, counted, signal });
  const space = createPrecisionSpace(layers, {
    ...spec.scheme,
    pin: spec.pin,
    table,
    weightBits: supportedBits(spec.weightBits, table.weightBits, 'spec.weight_bits', capabilities.name),
    activationBits: supportedBits(spec.activationBits, table.activationBits, 'spec.activation_bits', capabilities.name),
  });
  const cost = createPolicyPricer(layers, table);
  const reference = cost(uniformPolicy(layers.length, 8, eightBitActivations(spec.activationBits), spec.scheme));
  const constraints = resolveBudget(spec.budget, { reference, smallest: cost(smallestPolicy(space)) });
  const preprocessing = model.preprocessing ?? preprocessingOf(model, dataset);
  return { spec, model, dataset, preprocessing, layers, capabilities, table, space, constraints, cost };
}

function requireTrained(model: ModelDescription): PreparedSearch['model'] {
  if (model.modelDigest !== undefined) return { ...model, modelDigest: model.modelDigest };
  const message = `there is no trained checkpoint of ${model.network.name}; give an ONNX file, or a network that \`bitwright models\` lists`;
  throw new BitwrightError('failed_precondition', 'MODEL_UNTRAINED', message);
}

function requireSameClasses(model: ModelDescription, dataset: DatasetDescription): void {
  if (model.network.classes === dataset.classes) return;
  const found = `${dataset.name} has ${dataset.classes} classes, the network ${model.network.name} has ${model.network.classes}`;
  throw invalidField('spec.dataset', found, 'DATASET_CLASSES');
}

function preprocessingOf({ network }: ModelDescription, { imageShape, mean, std }: DatasetDescription): Preprocessing {
  const imageSize = network.input.height;
  return { imageSize, padding: (imageSize - imageShape.height) / 2, mean, std };
}

/** Hardware that runs only some widths narrows the choices; float activations (weights-only search) stay as asked. */
function supportedBits(asked: readonly number[], supported: readonly number[], field: string, hardware: string) {
  const bits = asked.filter((value) => value === FLOAT_BITS || supported.includes(value));
  if (bits.length > 0) return bits;
  throw invalidField(
    field,
    `${hardware} runs ${supported.join(', ')} bit; none of [${asked}] is among them`,
    'BITS_UNSUPPORTED',
  );
}
