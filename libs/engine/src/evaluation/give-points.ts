import { furtherPointBits, type Layer, type PrecisionPolicy } from '@bitwright/core';
import { choosePoints, pointLayers } from '../multipoint/choose-points.js';
import { layerDivergences } from '../multipoint/layer-divergences.js';
import { createQuantizedInputs } from '../multipoint/quantized-inputs.js';
import { type LayerPlan, type QuantizationPlan, structureOf, weightBitsOf } from '../quantization/plan.js';
import { composeWholeBatches } from '../samples/batch-composer.js';
import { createLayerProbe } from '../sensitivity/layer-probe.js';
import type { Work } from '../work.js';
import { type Bench, calibrationSamples, STATISTICS_BATCH, startParameters } from './bench.js';

/** The plan with all the points of a multipoint policy, measured on `count` samples; other plans as they are. */
export function* givePoints(
  bench: Bench,
  policy: PrecisionPolicy,
  plan: QuantizationPlan,
  count: number,
): Work<QuantizationPlan> {
  const { model, layers, data, points: kept } = bench;
  const wanted = pointLayers(policy, layers);
  if (wanted.length === 0) return plan;
  const settled = { ...model, parameters: yield* startParameters(bench) };
  const isBySize = furtherPointBits(policy, layers) !== undefined;
  const entries = wanted.map(({ index }) => plan[index] as LayerPlan);
  const divergences = isBySize ? yield* divergencesOf(bench, entries, count) : [];
  const inputs = inputsOf(bench, plan, wanted);
  const samples = calibrationSamples(data, count);
  return yield* choosePoints(settled, policy, plan, { kept, inputs, samples, divergences });
}

function inputsOf({ model, layers, preprocessing, sessions }: Bench, plan: QuantizationPlan, wanted: readonly Layer[]) {
  const structure = structureOf(plan);
  const key = JSON.stringify([structure.activations, wanted.map(({ index }) => index)]);
  return sessions.get(`inputs ${key}`, () =>
    createQuantizedInputs(model.network, preprocessing, { layers, structure }, wanted),
  );
}

/** Of entries with one point for each channel: they depend on their bits and on nothing else in a policy. */
function* divergencesOf(bench: Bench, entries: QuantizationPlan, count: number): Work<readonly number[]> {
  const { model, data, preprocessing, divergences: known } = bench;
  const keyOf = ({ layer, weight }: LayerPlan) => `${layer.index} ${weightBitsOf(weight)} ${count}`;
  const unknown = entries.filter((entry) => !known.has(keyOf(entry)));
  if (unknown.length > 0) {
    const batches = composeWholeBatches(calibrationSamples(data, count), STATISTICS_BATCH, preprocessing);
    const found = yield* layerDivergences(floatProbe(bench), model.parameters, unknown, batches);
    unknown.forEach((entry, index) => {
      known.set(keyOf(entry), found[index] as number);
    });
  }
  return entries.map((entry) => known.get(keyOf(entry)) as number);
}

function floatProbe({ model, layers, preprocessing, sessions }: Bench) {
  const float = { kind: 'float' } as const;
  const structure = structureOf(layers.map((layer) => ({ layer, weight: float, activation: float })));
  return sessions.get('float probe', () => createLayerProbe(model.network, layers, preprocessing, structure));
}
