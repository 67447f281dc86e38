import type { Parameters, ParameterTensor } from '@bitwright/core';
import {
  fakeQuantizePerChannel,
  overScales,
  quantizeToLevels,
  reconstruct,
  reconstructPoints,
  refitCoefficients,
  timesScales,
} from '@bitwright/quantizers';
import type { LayerPlan, QuantizationPlan } from './plan.js';

/** The parameters with every weight replaced by its nearest value on its grid or level, or by its cluster's centroid. */
export function quantizeParameters(parameters: Parameters, plan: QuantizationPlan): Parameters {
  const quantized = new Map(parameters);
  for (const entry of plan) {
    const name = `${entry.layer.name}.weight`;
    quantized.set(name, quantizeWeightTensor(parameters.get(name) as ParameterTensor, entry));
  }
  return quantized;
}

/** One layer's weight as its quantizer gives it. */
export function quantizeWeightTensor(tensor: ParameterTensor, { weight }: LayerPlan): ParameterTensor {
  switch (weight.kind) {
    case 'float':
      return tensor;
    case 'linear':
      return { ...tensor, values: fakeQuantizePerChannel(tensor.values, weight.grids) };
    case 'k-means':
      return { ...tensor, values: reconstruct(weight.codebook) };
    case 'levels':
      return { ...tensor, values: quantizeScaled(tensor.values, weight) };
    case 'multipoint':
      return { ...tensor, values: reconstructPoints(weight.multipoint) };
  }
}

function quantizeScaled(
  values: Float32Array,
  { levels, scales }: Extract<LayerPlan['weight'], { kind: 'levels' }>,
): Float32Array {
  return timesScales(quantizeToLevels(overScales(values, scales), levels), scales);
}

/** The plan with the thresholds that training arrived at, and centroids and coefficients that moved with their weights. */
export function updatePlan(plan: QuantizationPlan, clips: Float32Array, parameters: Parameters): QuantizationPlan {
  return plan.map((entry, index) => {
    const clip = clips[index];
    const { activation, weight } = entry;
    const moved = activation.kind === 'linear' && clip !== undefined ? { ...activation, clip } : activation;
    const { values } = parameters.get(`${entry.layer.name}.weight`) as ParameterTensor;
    return { ...entry, activation: moved, weight: moveWeight(weight, values) };
  });
}

function moveWeight(weight: LayerPlan['weight'], values: Float32Array): LayerPlan['weight'] {
  switch (weight.kind) {
    case 'float':
    case 'linear':
    case 'levels':
      return weight;
    case 'k-means':
      return { kind: 'k-means', codebook: moveCentroids(weight.codebook, values) };
    case 'multipoint':
      return { kind: 'multipoint', multipoint: refitCoefficients(weight.multipoint, values) };
  }
}

/** Every member of a cluster has the same value after a projection, so any of them is the centroid. */
function moveCentroids(codebook: Extract<LayerPlan['weight'], { kind: 'k-means' }>['codebook'], values: Float32Array) {
  const centroids = codebook.centroids.slice();
  codebook.assignments.forEach((cluster, index) => {
    centroids[cluster] = values[index] as number;
  });
  return { centroids, assignments: codebook.assignments };
}
