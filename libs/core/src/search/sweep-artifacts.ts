import type { ArtifactKeeper } from '../ports/artifact-keeper.js';
import type { Clock } from '../ports/clock.js';
import type { SearchStore } from '../ports/search-store.js';

/** Longer than any upload takes to become a search's, and than a search waits for a database to tell what it made. */
const GRACE_MS = 24 * 60 * 60 * 1000;

export type SweepPorts = {
  readonly store: Pick<SearchStore, 'artifacts'>;
  readonly artifacts: ArtifactKeeper;
  readonly clock: Clock;
};

/** Removes artifacts that no stored search refers to and nobody put within the last day; gives their number. */
export async function sweepArtifacts({ store, artifacts, clock }: SweepPorts): Promise<number> {
  const time = clock.now() - GRACE_MS;
  // Listed first: what is referred to later was put, or touched, since.
  const old = await artifacts.putBefore(time);
  const { digests } = await store.artifacts();
  let removed = 0;
  for (const digest of old.filter((each) => !digests.has(each)))
    if (await artifacts.removePutBefore(digest, time)) removed += 1;
  return removed;
}
