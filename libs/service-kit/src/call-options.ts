import type { CallLimitOptions } from './client-middleware.js';

/** Call options without a key that has no value, as `exactOptionalPropertyTypes` wants them. */
export function withSignal(signal: AbortSignal | undefined): CallLimitOptions & { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
