import {
  BitwrightError,
  type CostTable,
  type Hardware,
  type HardwareCapabilities,
  type HardwareFeedback,
  type HardwareOptions,
  type Layer,
  type LayerCost,
  type LayerFailure,
  type PrecisionPolicy,
} from '@bitwright/core';
import type { Accelerator } from './accelerator.js';
import { throwIfCancelled, untilCancelled } from './cancellation.js';
import { readHardwareRequest } from './hardware-request.js';
import { createLayerCostCache, type LayerCostCache, type PairCosts } from './layer-cost-cache.js';
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
    evaluate: (layers, policies, request = {}) => evaluate(accelerator, cache, layers, policies, request),
  };
}

async function tabulate(
  capabilities: HardwareCapabilities,
  cache: LayerCostCache,
  layers: readonly Layer[],
  options: HardwareOptions,
): Promise<CostTable> {
  const { batch, counted } = readHardwareRequest(capabilities, layers, options);
  const { name, provenance, weightBits, activationBits } = capabilities;
  const turn = startTurn();
  const cells: CostTable['cells'][number][] = [];
  const refusals: BitwrightError[] = [];
  const failures: LayerFailure[] = [];
  for (const layer of layers) {
    await turn.takeBreakIfDue();
    throwIfCancelled(options.signal);
    const priced = priceLayer(withNamedRefusals(cache.costsOf(layer, batch), layer), capabilities);
    cells.push(priced.cells);
    if (priced.refusal === undefined) continue;
    refusals.push(priced.refusal);
    failures.push({ layer: layer.index, message: priced.refusal.message });
  }
  if (cells.flat(2).every((cell) => cell === undefined)) throw refusals[0];
  const table = { hardware: name, batch, weightBits, activationBits, counted, provenance, cells };
  return failures.length === 0 ? table : { ...table, failures };
}

/** A pair that the hardware cannot run leaves a hole; the first refusal says why. */
function priceLayer(costOf: PairCosts, { weightBits, activationBits }: HardwareCapabilities) {
  let refusal: BitwrightError | undefined;
  const cost = (weight: number, activation: number): LayerCost | undefined => {
    try {
      return costOf(weight, activation);
    } catch (error) {
      if (!(error instanceof BitwrightError) || error.kind !== 'unsupported') throw error;
      refusal ??= error;
      return undefined;
    }
  };
  const cells = weightBits.map((weight) => activationBits.map((activation) => cost(weight, activation)));
  return { cells, refusal };
}

async function* evaluate(
  accelerator: Accelerator,
  cache: LayerCostCache,
  layers: readonly Layer[],
  policies: AsyncIterable<PrecisionPolicy> | Iterable<PrecisionPolicy>,
  options: HardwareOptions,
): AsyncGenerator<HardwareFeedback> {
  const { capabilities } = accelerator;
  const { batch, counted } = readHardwareRequest(capabilities, layers, options);
  const betweenLayersMs = accelerator.betweenLayers?.(layers, batch, options.network);
  const costs = layers.map((layer) => withNamedRefusals(cache.costsOf(layer, batch), layer));
  const context = { hardware: capabilities.name, batch, layers, counted, costs, betweenLayersMs };
  const turn = startTurn();
  for await (const policy of untilCancelled(policies, options.signal)) {
    await turn.takeBreakIfDue();
    throwIfCancelled(options.signal);
    yield policyFeedback(context, policy);
  }
}
