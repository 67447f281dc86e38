import type { TensorStatistics } from './tensor-statistics.js';

/** T = max(|mean over batches of the least value|, |mean of the largest|). */
export function averageRange({ minimums, maximums }: Pick<TensorStatistics, 'minimums' | 'maximums'>): number {
  return Math.max(Math.abs(mean(minimums)), Math.abs(mean(maximums)));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
