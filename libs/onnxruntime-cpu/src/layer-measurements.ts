import { BitwrightError, type LayerCost } from '@bitwright/core';
import { layerShapeKey } from '@bitwright/hardware-kit';
import type { Bench } from './bench/bench.js';
import { type LayerQuestion, measureLayer } from './measure-layer.js';
import type { MeasurementSettings } from './settings.js';

/** Costs of layers that were measured once, so that tables and evaluations agree; measured when first asked for. */
export type LayerMeasurements = {
  /** Throws what `measureLayer` throws. */
  costOf(question: LayerQuestion, signal: AbortSignal | undefined): Promise<LayerCost>;
};

/** Costs that are kept; the one used longest ago goes first. */
const MAXIMUM_KEPT = 20_000;

type Outcome = LayerCost | BitwrightError;

/** One measurement at a time: whoever waits finds what the one before has measured. */
export function createLayerMeasurements(bench: Bench, settings: MeasurementSettings): LayerMeasurements {
  const known = new Map<string, Outcome>();
  let last: Promise<unknown> = Promise.resolve();
  const measure = async (key: string, question: LayerQuestion, signal: AbortSignal | undefined): Promise<Outcome> => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const outcome = await measureLayer(bench, settings, question, signal).catch(keepRefusal);
    known.set(key, outcome);
    if (known.size > MAXIMUM_KEPT) known.delete(known.keys().next().value as string);
    return outcome;
  };
  return {
    costOf: async (question, signal) => {
      const key = keyOf(question);
      const turn = last.then(() => measure(key, question, signal));
      last = turn.catch(() => undefined);
      const outcome = known.get(key) ?? (await turn);
      if (outcome instanceof BitwrightError) throw outcome;
      return outcome;
    },
  };
}

const keyOf = ({ shape, precision, batch }: LayerQuestion) =>
  `${batch};${precision.weightBits};${precision.activationBits};${layerShapeKey(shape)}`;

/** That there is no kernel is as lasting as a cost is. */
function keepRefusal(error: unknown): BitwrightError {
  if (error instanceof BitwrightError && error.kind === 'unsupported') return error;
  throw error;
}
