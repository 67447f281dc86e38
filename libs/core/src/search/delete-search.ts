import { BitwrightError } from '../errors.js';
import type { SearchRecord } from './search.js';
import { searchEvent } from './search-events.js';
import type { SearchPorts } from './search-ports.js';
import { hasEnded } from './search-state.js';

/**
 * Removes a search that has ended, and the artifacts that it alone refers to. A process that dies in between leaves
 * artifacts that nobody refers to, as does `othersRun`: what they have just put is not told yet. `sweepArtifacts` takes
 * those. Throws `failed_precondition` for a search that has not ended.
 */
export async function deleteSearch(
  { store, artifacts, clock }: Pick<SearchPorts, 'store' | 'artifacts' | 'clock'>,
  record: SearchRecord,
  othersRun: () => boolean,
): Promise<void> {
  if (!hasEnded(record.state)) throw searchRunning(record);
  const freed = await store.delete(record.id, [searchEvent('search.deleted', { ...record, updatedAt: clock.now() })]);
  if (artifacts === undefined || othersRun()) return;
  // What was put after the search had ended is somebody else's.
  for (const digest of freed) await artifacts.removePutBefore(digest, record.updatedAt + 1);
}

function searchRunning({ id, state }: SearchRecord): BitwrightError {
  const message = `search ${id} is ${state}; cancel it first, or wait until it has ended`;
  return new BitwrightError('failed_precondition', 'SEARCH_RUNNING', message);
}
