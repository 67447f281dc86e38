import type { Parameters, ParameterTensor } from '@bitwright/core';
import { fakeQuantizePerChannel, reconstruct } from '@bitwright/quantizers';
import type { LayerPlan, QuantizationPlan } from './plan.js';

/** The parameters with every weight replaced by its nearest value on its grid, or by its cluster's centroid. */
export function quantizeParameters(parameters: Parameters, plan: QuantizationPlan): Parameters {
  const quantized = new Map(parameters);
  for (const entry of plan) {
    const name = `${entry.layer.name}.weight`;
    quantized.set(name, quantizeWeightTensor(parameters.get(name) as ParameterTensor, entry));
  }
  return quantized;
}

function quantizeWeightTensor(tensor: ParameterTensor, { weight }: LayerPlan): ParameterTensor {
  if (weight.kind === 'float') return tensor;
  if (weight.kind === 'linear') return { ...tensor, values: fakeQuantizePerChannel(tensor.values, weight.grids) };
  return { ...tensor, values: reconstruct(weight.codebook) };
}

/** The plan with the thresholds that training arrived at, and codebooks whose centroids moved with their weights. */
export function updatePlan(plan: QuantizationPlan, clips: Float32Array, parameters: Parameters): QuantizationPlan {
  return plan.map((entry, index) => {
    const clip = clips[index];
    const { activation, weight } = entry;
    const moved = activation.kind === 'linear' && clip !== undefined ? { ...activation, clip } : activation;
    if (weight.kind !== 'k-means') return { ...entry, activation: moved };
    const { values } = parameters.get(`${entry.layer.name}.weight`) as ParameterTensor;
    return {
      ...entry,
      activation: moved,
      weight: { kind: 'k-means', codebook: moveCentroids(weight.codebook, values) },
    };
  });
}

/** Every member of a cluster has the same value after a projection, so any of them is the centroid. */
function moveCentroids(codebook: Extract<LayerPlan['weight'], { kind: 'k-means' }>['codebook'], values: Float32Array) {
  const centroids = codebook.centroids.slice();
  codebook.assignments.forEach((cluster, index) => {
    centroids[cluster] = values[index] as number;
  });
  return { centroids, assignments: codebook.assignments };
}
