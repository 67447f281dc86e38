import { averageRange } from './average-range.js';
import { leastDivergence } from './kullback-leibler.js';
import { magnitudeQuantile } from './quantile.js';
import type { TensorStatistics } from './tensor-statistics.js';
import type { ThresholdMethod } from './threshold-method.js';

/** The threshold of every tensor; `powerOfTwo` rounds each up to a power of two, so that requantizing only shifts. */
export function estimateThresholds(
  statistics: ReadonlyMap<string, TensorStatistics>,
  method: ThresholdMethod,
  powerOfTwo = false,
): ReadonlyMap<string, number> {
  const estimate = (tensor: TensorStatistics) => {
    const threshold = estimateThreshold(tensor, method);
    return powerOfTwo ? roundUpToPowerOfTwo(threshold) : threshold;
  };
  return new Map([...statistics].map(([name, tensor]) => [name, estimate(tensor)]));
}

function estimateThreshold(tensor: TensorStatistics, method: ThresholdMethod): number {
  switch (method.kind) {
    case 'average-range':
      return averageRange(tensor);
    case 'kullback-leibler':
      return leastDivergence(tensor.histogram);
    case 'quantile':
      return magnitudeQuantile(tensor.histogram, method.quantile);
  }
}

/** The smallest power of two that is not below a threshold; 0 stays. */
export function roundUpToPowerOfTwo(threshold: number): number {
  return threshold > 0 ? 2 ** Math.ceil(Math.log2(threshold)) : 0;
}
