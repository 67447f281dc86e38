import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCELERATORS } from '@bitwright/accelerators';
import { MemoryArtifactStore, MemoryEventBus, MemorySearchStore } from '@bitwright/adapters';
import {
  BitwrightError,
  completeSearchSpec,
  type PartialSearchSpec,
  type Report,
  SearchManager,
  type SearchProgress,
  VERSION,
} from '@bitwright/core';
import { LocalQuantizer, type ModelLibrary } from '@bitwright/engine';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { openProcessFolder } from '@bitwright/service-kit';
import { findStrategy } from '@bitwright/strategies';
import { defaultDataFolder } from '../services/quantizer/src/data-folder.js';
import { createZooLibrary } from '../services/quantizer/src/model-library.js';

/** Searches without services: the same parts, put together in this process, for measurements that run for long. */
export type LocalSearches = AsyncDisposable & {
  /** Runs a search to its end. Throws why it failed. */
  run(spec: PartialSearchSpec, onProgress?: (progress: SearchProgress) => void): Promise<Report>;
};

export type LocalSearchOptions = {
  readonly workers: number;
  /** The zoo with its checkpoints unless given. */
  readonly library?: ModelLibrary;
};

export async function openLocalSearches({
  workers,
  library = createZooLibrary(),
}: LocalSearchOptions): Promise<LocalSearches> {
  const folder = await openProcessFolder('measurements');
  const quantizer = new LocalQuantizer({
    ...{ artifacts: new MemoryArtifactStore(), library, dataFolder: defaultDataFolder(process.env), workers },
    temporaryFolder: folder.path,
    maximumWaiting: 100,
    onWorkerDied: ({ message }) => console.warn(message),
  });
  const clock = { now: () => Date.now(), sleep: async (ms: number) => void (await sleep(ms)) };
  const ports = {
    ...{ quantizer, clock, newId: randomUUID, strategy: findStrategy, versions: { bitwright: VERSION } },
    ...{ hardware: createLocalCatalog(ACCELERATORS), store: new MemorySearchStore(), events: new MemoryEventBus() },
  };
  const manager = new SearchManager(ports, { maxRunning: 1, patienceMs: 60_000 });
  const run = async (spec: PartialSearchSpec, onProgress: (progress: SearchProgress) => void = () => {}) => {
    const { id } = await manager.create(randomUUID(), completeSearchSpec(spec));
    for await (const progress of manager.watch(id, 0, new AbortController().signal)) onProgress(progress);
    const { failure } = await manager.get(id);
    if (failure !== undefined) throw new BitwrightError('internal', failure.reason, failure.message);
    return JSON.parse(await manager.report(id)) as Report;
  };
  const close = async () => {
    quantizer.close();
    await folder.remove();
  };
  return { run, [Symbol.asyncDispose]: close };
}
