import {
  type CostTable,
  type Hardware,
  type HardwareCapabilities,
  type HardwareFeedback,
  type HardwareOptions,
  invalidField,
  type Layer,
  type LayerCost,
  type PrecisionPolicy,
} from '@bitwright/core';
import type { Accelerator } from './accelerator.js';
import { throwIfCancelled, untilCancelled } from './cancellation.js';
import { countedFlags } from './counted-layers.js';
import { createLayerCostCache, type LayerCostCache, type PairCosts } from './layer-cost-cache.js';
import { assertLayers } from './layer-shape.js';
import { withNamedRefusals } from './named-refusals.js';
import { policyFeedback } from './policy-feedback.js';
import { startTurn } from './turn.js';

export type LocalHardwareOptions = {
  /** Layer shapes whose costs are kept; see {@link createLayerCostCache}. */
  readonly maximumCachedShapes?: number;
};

/**
 * An accelerator as core's Hardware port, in this process. Costs are computed once per layer shape, pair of bits and
 * batch; long computations let other work run every few milliseconds.
 */
export function createLocalHardware(accelerator: Accelerator, options: LocalHardwareOptions = {}): Hardware {
  const { capabilities } = accelerator;
  const cache = createLayerCostCache(accelerator, options.maximumCachedShapes);
  return {
    describe: async (signal) => {
      throwIfCancelled(signal);
      return capabilities;
    },
    tabulate: (layers, request = {}) => tabulate(capabilities, cache, layers, request),
    evaluate: (layers, policies, request = {}) => evaluate(capabilities, cache, layers, policies, request),
  };
}

async function tabulate(
  capabilities: HardwareCapabilities,
  cache: LayerCostCache,
  layers: readonly Layer[],
  options: HardwareOptions,
): Promise<CostTable> {
  const { batch, counted } = readOptions(capabilities, layers, options);
  const { name, provenance, weightBits, activationBits } = capabilities;
  const turn = startTurn();
  const cells: (readonly (readonly LayerCost[])[])[] = [];
  for (const layer of layers) {
    await turn.takeBreakIfDue();
    throwIfCancelled(options.signal);
    cells.push(layerCells(withNamedRefusals(cache.costsOf(layer, batch), layer), capabilities));
  }
  return { hardware: name, batch, weightBits, activationBits, counted, provenance, cells };
}

function layerCells(costOf: PairCosts, { weightBits, activationBits }: HardwareCapabilities) {
  return weightBits.map((weight) => activationBits.map((activation) => costOf(weight, activation)));
}

async function* evaluate(
  capabilities: HardwareCapabilities,
  cache: LayerCostCache,
  layers: readonly Layer[],
  policies: AsyncIterable<PrecisionPolicy> | Iterable<PrecisionPolicy>,
  options: HardwareOptions,
): AsyncGenerator<HardwareFeedback> {
  const { batch, counted } = readOptions(capabilities, layers, options);
  const costs = layers.map((layer) => withNamedRefusals(cache.costsOf(layer, batch), layer));
  const context = { hardware: capabilities.name, batch, layers, counted, costs };
  const turn = startTurn();
  for await (const policy of untilCancelled(policies, options.signal)) {
    await turn.takeBreakIfDue();
    throwIfCancelled(options.signal);
    yield policyFeedback(context, policy);
  }
}

/** Fills in what the capabilities give as default and refuses what they do not allow. */
function readOptions(capabilities: HardwareCapabilities, layers: readonly Layer[], options: HardwareOptions) {
  throwIfCancelled(options.signal);
  const { defaultBatch, maximumBatch, defaultCounted } = capabilities;
  const batch = options.batch ?? defaultBatch;
  if (!Number.isInteger(batch) || batch < 1 || batch > maximumBatch) {
    throw invalidField('batch', `is ${batch}; use 1 to ${maximumBatch} images`, 'BATCH');
  }
  assertLayers(layers, batch);
  return { batch, counted: countedFlags(options.counted ?? defaultCounted, layers.length) };
}
