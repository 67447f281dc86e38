import { randomUUID } from 'node:crypto';
import { ACCELERATORS } from '@bitwright/accelerators';
import { MemoryEventBus, MemorySearchStore } from '@bitwright/adapters';
import {
  cancelledError,
  completeSearchSpec,
  type PartialSearchSpec,
  SearchManager,
  type SearchPorts,
  type SearchProgress,
  type SearchStore,
  type WorkOptions,
} from '@bitwright/core';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { findStrategy } from '@bitwright/strategies';
import { createFakeQuantizer } from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';

const SHAPE = { network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10, outputStride: 16 };

const NETWORK = buildZooNetwork({ ...SHAPE, channels: 1 });

/** For `before` of a made-up quantizer: each evaluation waits until its search is cancelled or stopped. */
export function untilCancelled(_request: unknown, { signal }: WorkOptions): Promise<void> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(cancelledError());
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end);
  });
}

/** Searches of a made-up quantizer for `bismo-edge`, one at a time; `defaults` is what each of them asks for. */
export function openSearches(
  defaults: Partial<PartialSearchSpec>,
  store: SearchStore = new MemorySearchStore(),
  change: Partial<SearchPorts> = {},
) {
  const quantizer = createFakeQuantizer(NETWORK, 2);
  const clock = { now: () => Date.now(), sleep: async () => new Promise<void>((resolve) => setImmediate(resolve)) };
  const ports: SearchPorts = {
    ...{ quantizer, store, clock, newId: randomUUID, strategy: findStrategy, versions: { bitwright: 'test' } },
    hardware: createLocalCatalog(ACCELERATORS),
    events: new MemoryEventBus(),
    ...change,
  };
  const manager = new SearchManager(ports, { maxRunning: 1, patienceMs: 60_000 });
  const watchToEnd = async (id: string) => {
    const progress: SearchProgress[] = [];
    for await (const update of manager.watch(id, 0, new AbortController().signal)) progress.push(update);
    return progress;
  };
  const start = (changes: Partial<PartialSearchSpec> = {}) => {
    const spec = completeSearchSpec({
      model: { kind: 'zoo', ...SHAPE },
      dataset: { name: 'fake-images' },
      hardware: [{ name: 'bismo-edge' }],
      ...defaults,
      ...changes,
    });
    return manager.create(randomUUID(), spec);
  };
  const run = async (changes: Partial<PartialSearchSpec> = {}) => {
    const { id } = await start(changes);
    return { id, progress: await watchToEnd(id) };
  };
  return { manager, quantizer, store, ports, start, run, watchToEnd };
}
