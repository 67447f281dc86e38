import type { SearchState } from './search.js';

/** Whether nothing more happens to it by itself. */
export const hasEnded = (state: SearchState) => state === 'completed' || state === 'failed' || state === 'cancelled';
