import {
  createRandomSource,
  DEFAULT_POINTS,
  deriveSeed,
  type Layer,
  type LayerPrecision,
  layerHasPoints,
  type Model,
  type NetworkNode,
  type ParameterTensor,
  type PrecisionPolicy,
  withoutLayerPoints,
} from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import type { QuantizationPlan, WeightPlan } from '../quantization/plan.js';
import { quantizeParameters } from '../quantization/quantize-parameters.js';
import { wholeBatchesOf } from '../samples/batches.js';
import type { Work } from '../work.js';
import { allocateLayers } from './allocate-layers.js';
import { createInputCovariance, type InputCovariance } from './input-covariance.js';
import type { KeptPoints } from './kept-points.js';
import { type FittedPoints, fitLayerCodes, fitLayerPoints } from './layer-points.js';
import { createMatrixProducts, type MatrixProducts } from './matrix-products.js';
import type { QuantizedInputs } from './quantized-inputs.js';

/** Places of a layer's input that its covariance is estimated from, all images together. */
const PLACES = 2048;

const BATCH = 64;

/** Each round measures what layers read once those before them have the points of the round before. */
const ROUNDS = 2;

/** What points are chosen by. */
export type PointMeasurements = {
  readonly kept: KeptPoints;
  readonly inputs: QuantizedInputs;
  readonly samples: Samples;
  /** Of each layer that has points; only an allocation by size needs them. See `layerDivergences`. */
  readonly divergences: readonly number[];
};

/**
 * Gives the channels of a multipoint policy their points: fitted to their layer's outputs, on what the layer reads in the
 * network as it is quantized before it, as many as the policy's allocation says. `plan` has one point for each.
 */
export function* choosePoints(
  model: Model,
  policy: PrecisionPolicy,
  plan: QuantizationPlan,
  { kept, inputs, samples, divergences }: PointMeasurements,
): Work<QuantizationPlan> {
  const layers = plan.map(({ layer }) => layer);
  const wanted = pointLayers(policy, layers);
  const points = yield* fitToWeights(model, policy, wanted, kept);
  using products = createMatrixProducts();
  let chosen = plan;
  for (let round = 0; round < ROUNDS; round += 1) {
    inputs.start(quantizeParameters(model.parameters, chosen), chosen);
    const covariances = yield* measureCovariances(model, wanted, { products, inputs, samples, round });
    const found = points.map((layerPoints, index) =>
      fitLayerPoints(layerPoints, weightOf(model, layerPoints.layer), covariances[index] as InputCovariance),
    );
    // As a policy was measured before it was known how many points its layers get.
    const asked = round + 1 < ROUNDS ? withoutLayerPoints(policy) : policy;
    const counts = allocateLayers(model, layers, asked, found, divergences);
    const weights = yield* fitCodes(model, found, { covariances, counts, round });
    chosen = plan.map((entry, index) => ({ ...entry, weight: weights.get(index) ?? entry.weight }));
  }
  return chosen;
}

/** The layers of a policy whose channels have points. */
export function pointLayers(policy: PrecisionPolicy, layers: readonly Layer[]): readonly Layer[] {
  return layers.filter((layer) => layerHasPoints(policy, layer));
}

const weightOf = ({ parameters }: Model, { name }: Layer) => parameters.get(`${name}.weight`) as ParameterTensor;

/** What the policy's allocation allows each channel; more where it says how many the layer has, and they would not fit. */
function mostPoints({ points = DEFAULT_POINTS, layerPoints }: PrecisionPolicy, { index, outChannels }: Layer): number {
  return Math.max(points.maximumPoints, Math.ceil((layerPoints?.[index] ?? 0) / outChannels));
}

function* fitToWeights(
  model: Model,
  policy: PrecisionPolicy,
  wanted: readonly Layer[],
  kept: KeptPoints,
): Work<readonly FittedPoints[]> {
  const fitted: FittedPoints[] = [];
  for (const layer of wanted) {
    const { weightBits: bits } = policy.layers[layer.index] as LayerPrecision;
    const maximumPoints = mostPoints(policy, layer);
    fitted.push({ layer, bits, channels: kept.fit(layer, weightOf(model, layer), { bits, maximumPoints }) });
    yield { phase: 'fitting points', done: fitted.length, total: wanted.length };
  }
  return fitted;
}

type Chosen = {
  readonly covariances: readonly InputCovariance[];
  readonly counts: readonly Uint8Array[];
  readonly round: number;
};

/** The weights of the layers with points, by layer. */
function* fitCodes(
  model: Model,
  found: readonly FittedPoints[],
  { covariances, counts, round }: Chosen,
): Work<ReadonlyMap<number, WeightPlan>> {
  const weights = new Map<number, WeightPlan>();
  for (const [index, points] of found.entries()) {
    const [covariance, count] = [covariances[index] as InputCovariance, counts[index] as Uint8Array];
    const multipoint = fitLayerCodes(points, weightOf(model, points.layer), covariance, count);
    weights.set(points.layer.index, { kind: 'multipoint', multipoint });
    yield { phase: 'fitting codes', done: round * found.length + index + 1, total: ROUNDS * found.length };
  }
  return weights;
}

type Measuring = {
  readonly products: MatrixProducts;
  readonly inputs: QuantizedInputs;
  readonly samples: Samples;
  readonly round: number;
};

function* measureCovariances(
  { network }: Model,
  wanted: readonly Layer[],
  { products, inputs, samples, round }: Measuring,
): Work<readonly InputCovariance[]> {
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  const covariances = wanted.map((layer) =>
    createInputCovariance(layer, (nodes.get(layer.name) as NetworkNode).operation, products),
  );
  const random = createRandomSource(deriveSeed(0, 'places of layer inputs'));
  for (const { indices, end } of wholeBatchesOf(samples.count, BATCH)) {
    const values = inputs.read(samples, indices);
    for (const [index, { outputHeight, outputWidth }] of wanted.entries()) {
      const places = Math.min(Math.ceil(PLACES / samples.count), outputHeight * outputWidth);
      covariances[index]?.add(values[index] as Float32Array, indices.length, places, random);
    }
    yield { phase: 'choosing points', done: round * samples.count + end, total: ROUNDS * samples.count };
  }
  return covariances;
}
