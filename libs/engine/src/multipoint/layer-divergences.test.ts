import { deriveLayers, type Layer, type ParameterTensor } from '@bitwright/core';
import { fitChannels, joinPoints } from '@bitwright/quantizers';
import { expect, it } from 'vitest';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { type LayerPlan, structureOf } from '../quantization/plan.js';
import { composeBatch } from '../samples/batch-composer.js';
import { createLayerProbe } from '../sensitivity/layer-probe.js';
import { finish } from '../work.js';
import { layerDivergences } from './layer-divergences.js';
import { pointDemands } from './layer-points.js';

const data = createToyDataset();
const { network, parameters } = trainToyModel(data);
const layers = deriveLayers(network);
const float = { kind: 'float' } as const;
const batches = [
  composeBatch(
    data.splits.training,
    Uint32Array.from({ length: 64 }, (_, index) => index),
    TOY_PREPROCESSING,
  ),
];

function onePointPlan(layer: Layer, bits: number): LayerPlan {
  const channels = fitChannels(parameters.get(`${layer.name}.weight`) as ParameterTensor, { bits, maximumPoints: 1 });
  const multipoint = joinPoints(bits, channels.flat());
  return { layer, weight: { kind: 'multipoint', multipoint }, activation: float };
}

it('says how far each layer alone moves the outputs: further with fewer bits, whichever came before', () => {
  const structure = structureOf(layers.map((layer) => ({ layer, weight: float, activation: float })));
  using probe = createLayerProbe(network, layers, TOY_PREPROCESSING, structure);
  const measure = (plans: readonly LayerPlan[]) => finish(layerDivergences(probe, parameters, plans, batches));
  const [coarse, fine] = [2, 5].map((bits) => measure(layers.map((layer) => onePointPlan(layer, bits))));
  coarse?.forEach((divergence, index) => {
    expect(divergence).toBeGreaterThan(4 * (fine?.[index] as number));
  });
  const reversed = measure(layers.map((layer) => onePointPlan(layer, 2)).toReversed());
  expect(reversed.toReversed()).toEqual(coarse);
  expect(measure(layers.map((layer) => ({ layer, weight: float, activation: float })))).toEqual(layers.map(() => 0));
});

it('is what the noise of a layer with one point a channel counts for, each channel its part', () => {
  const layer = layers.at(-1) as Layer;
  const found = {
    ...{ layer, bits: 2, channels: [], variances: Float64Array.of(1, 3) },
    errors: [Float64Array.of(0.4, 0.1), Float64Array.of(0.2, 0)],
  };
  const demands = pointDemands(found, parameters, undefined, 0.5);
  expect(demands.map(({ errors }) => Array.from(errors))).toEqual([
    [expect.closeTo(0.2, 12), expect.closeTo(0.05, 12)],
    [expect.closeTo(0.3, 12), 0],
  ]);
  const silent = { ...found, errors: [Float64Array.of(0, 0), Float64Array.of(0, 0)] };
  expect(pointDemands(silent, parameters, undefined, 0.5).every(({ errors }) => errors[0] === 0)).toBe(true);
});
