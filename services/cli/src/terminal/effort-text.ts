import type { SearchSpec } from '@bitwright/core';
import { formatSeconds } from './format.js';

/** How many policies a strategy may try, and for how long. */
export function effortText({
  maxTrials,
  timeLimitSeconds,
}: Pick<SearchSpec, 'maxTrials' | 'timeLimitSeconds'>): string {
  const trials = `up to ${maxTrials} trials`;
  return timeLimitSeconds === undefined ? trials : `${trials} in ${formatSeconds(timeLimitSeconds)}`;
}
