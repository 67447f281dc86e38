import { type ArtifactKeeper, type SearchStore, type SweepPorts, sweepArtifacts } from '@bitwright/core';
import type { Logger } from '@bitwright/service-kit';

const INTERVAL_MS = 60 * 60 * 1000;

/** What may be removed of the artifacts: nothing where they are another service's, or another database refers to them, too. */
export async function ownArtifacts(
  keeper: ArtifactKeeper | undefined,
  store: Pick<SearchStore, 'artifacts'>,
  logger: Pick<Logger, 'warn'>,
): Promise<ArtifactKeeper | undefined> {
  if (keeper === undefined || (await keeper.claim((await store.artifacts()).storeId))) return keeper;
  logger.warn('agents with other databases use the folder for artifacts, too: none is removed; give each one its own');
  return undefined;
}

/** Removes what nobody refers to, now and every hour, until it is closed. What goes wrong is logged. */
export function startSweeps(ports: SweepPorts, logger: Pick<Logger, 'info' | 'warn'>): { close(): Promise<void> } {
  let sweeping = Promise.resolve();
  const sweep = async () => {
    try {
      const removed = await sweepArtifacts(ports);
      if (removed > 0) logger.info({ removed }, 'artifacts that no search refers to were removed');
    } catch (err) {
      logger.warn({ err }, 'artifacts that no search refers to could not be removed');
    }
  };
  const begin = () => {
    sweeping = sweeping.then(sweep);
  };
  begin();
  const timer = setInterval(begin, INTERVAL_MS).unref();
  const close = async () => {
    clearInterval(timer);
    await sweeping;
  };
  return { close };
}
