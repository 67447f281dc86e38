import {
  createRandomSource,
  deriveSeed,
  type Granularity,
  hasPoints,
  type Layer,
  type Model,
  type ParameterTensor,
  type PrecisionPolicy,
} from '@bitwright/core';
import {
  type ClipMethod,
  clipThresholdOfHistogram,
  fitChannels,
  fitCodebook,
  type Histogram,
  joinPoints,
  SEARCH_ITERATIONS,
  weightGrids,
} from '@bitwright/quantizers';
import { type ActivationPlan, isFloat, type QuantizationPlan, type WeightPlan } from '../quantization/plan.js';

export type ClippingMethods = { readonly weights: ClipMethod; readonly activations: ClipMethod };

/** Of |x|, by tensor. */
type Histograms = ReadonlyMap<string, Histogram>;

/** Plans for policies; what one layer needs at one number of bits is computed once for all policies. */
export interface CalibrationCache {
  /** `histograms` are by tensor, one map for each set of samples; `seed` decides where k-means starts. */
  plan(policy: PrecisionPolicy, histograms: Histograms, seed: number): QuantizationPlan;
}

/** A cache for one model. */
export function createCalibrationCache(
  model: Model,
  layers: readonly Layer[],
  clipping: ClippingMethods,
): CalibrationCache {
  const weights = new Map<string, WeightPlan>();
  const clips = new WeakMap<Histograms, Map<string, number>>();
  const weightPlan = (layer: Layer, bits: number, policy: PrecisionPolicy, seed: number): WeightPlan => {
    if (isFloat(bits)) return { kind: 'float' };
    const weight = model.parameters.get(`${layer.name}.weight`) as ParameterTensor;
    const { weightQuantizer, granularity } = policy;
    if (hasPoints(policy, bits)) return remember(weights, `${layer.index} ${bits} point`, () => onePoint(weight, bits));
    const key = `${layer.index} ${bits} ${weightQuantizer} ${weightQuantizer === 'k-means' ? seed : granularity}`;
    return remember(weights, key, () => {
      switch (weightQuantizer) {
        case 'k-means':
          return clusterWeight(layer, weight, bits, seed);
        case 'linear':
        case 'multipoint':
          return linearWeight(weight, bits, granularity, clipping.weights);
      }
    });
  };
  const activationPlan = (layer: Layer, bits: number, histograms: Histograms): ActivationPlan => {
    if (isFloat(bits)) return { kind: 'float' };
    const { inputTensor, inputSigned: signed } = layer;
    const known = clips.get(histograms) ?? new Map<string, number>();
    clips.set(histograms, known);
    const clip = remember(known, `${inputTensor} ${bits}`, () =>
      clipThresholdOfHistogram(histograms.get(inputTensor) as Histogram, clipping.activations, { bits, signed }),
    );
    return { kind: 'linear', bits, signed, clip };
  };
  return {
    plan: (policy, histograms, seed) =>
      layers.map((layer, index) => {
        const { weightBits, activationBits } = policy.layers[index] as PrecisionPolicy['layers'][number];
        return {
          layer,
          weight: weightPlan(layer, weightBits, policy, seed),
          activation: activationPlan(layer, activationBits, histograms),
        };
      }),
  };
}

function linearWeight(
  weight: ParameterTensor,
  bits: number,
  granularity: Granularity,
  clipping: ClipMethod,
): WeightPlan {
  return { kind: 'linear', grids: weightGrids(weight, { bits, granularity, clipping }) };
}

/** One point for each channel, whatever it reads: what choosing points begins with. */
function onePoint(weight: ParameterTensor, bits: number): WeightPlan {
  const channels = fitChannels(weight, { bits, maximumPoints: 1 });
  return { kind: 'multipoint', multipoint: joinPoints(bits, channels.flat()) };
}

function clusterWeight(layer: Layer, weight: ParameterTensor, bits: number, seed: number): WeightPlan {
  const random = createRandomSource(deriveSeed(seed, `codebook ${layer.index} ${bits}`));
  return { kind: 'k-means', codebook: fitCodebook(weight.values, bits, random, SEARCH_ITERATIONS) };
}

function remember<T>(cache: Map<string, T>, key: string, compute: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = compute();
  cache.set(key, value);
  return value;
}
