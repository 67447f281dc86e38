import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, cancelledError } from '@bitwright/core';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw cancelledError();
    }
  },
};
