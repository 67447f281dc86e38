import { isWorkerDeath } from '@bitwright/core';

/** So many jobs in a row whose children died are not the jobs' own fault. */
const DEATHS_IN_A_ROW = 3;

/**
 * Watches how jobs end: `onChange` is told `false` when children died at several jobs in a row, and `true` at the next result.
 */
export function watchDeaths(onChange: (works: boolean) => void): <Result>(job: Promise<Result>) => Promise<Result> {
  let deaths = 0;
  return async (job) => {
    try {
      const result = await job;
      if (deaths >= DEATHS_IN_A_ROW) onChange(true);
      deaths = 0;
      return result;
    } catch (error) {
      if (isWorkerDeath(error)) {
        deaths += 1;
        if (deaths === DEATHS_IN_A_ROW) onChange(false);
      }
      throw error;
    }
  };
}
