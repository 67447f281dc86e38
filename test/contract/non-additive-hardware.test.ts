import { randomUUID } from 'node:crypto';
import { ACCELERATORS } from '@bitwright/accelerators';
import { hardwareHandlers, MemoryEventBus, MemorySearchStore, RemoteHardwareCatalog } from '@bitwright/adapters';
import { HardwareServiceDefinition } from '@bitwright/contracts';
import {
  BitwrightError,
  completeSearchSpec,
  deriveLayers,
  type HardwareCatalog,
  type PartialSearchSpec,
  parseConstraint,
  policyHash,
  type Report,
  SearchManager,
  type SearchStore,
  type Trial,
  uniformPolicy,
} from '@bitwright/core';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { createSwitchingHardware, type SwitchingHardware } from '@bitwright/hardware-kit/testing';
import { createServer } from '@bitwright/service-kit';
import { findStrategy } from '@bitwright/strategies';
import { createFakeQuantizer, type FakeQuantizer } from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';
import { expect, onTestFinished, test } from 'vitest';

const MODEL = { network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 } as const;
const NETWORK = buildZooNetwork({ ...MODEL, channels: 1, outputStride: 16 });
const LAYERS = deriveLayers(NETWORK);
const EDGE = ACCELERATORS.find(({ capabilities }) => capabilities.name === 'bismo-edge');

/** Starting a layer at other bits takes long, layers of equal bits save a third. */
const SWITCHING = { switchMs: 0.004, fusedShare: 0.67 };

type World = { readonly hardware: SwitchingHardware; readonly catalog: HardwareCatalog };

/** BISMO's edge configuration as hardware that is no sum over layers, behind a gRPC service on loopback. */
async function startService(): Promise<World> {
  if (EDGE === undefined) throw new Error('bismo-edge is not registered');
  const hardware = createSwitchingHardware(EDGE, SWITCHING);
  const others = createLocalCatalog(ACCELERATORS.filter((accelerator) => accelerator !== EDGE));
  const list = async () => [await hardware.describe(), ...(await others.list())];
  const open = async (name: string) => (name === 'bismo-edge' ? hardware : others.open(name));
  const server = createServer();
  server.add(HardwareServiceDefinition, hardwareHandlers({ list, open }));
  const catalog = new RemoteHardwareCatalog([await server.listen('127.0.0.1:0')]);
  onTestFinished(async () => {
    catalog.close();
    await server.close(0);
  });
  return { hardware, catalog };
}

type Parts = { readonly quantizer?: FakeQuantizer; readonly store?: SearchStore };

function openManager({ catalog }: World, { quantizer, store = new MemorySearchStore() }: Parts = {}) {
  const ports = {
    ...{ quantizer: quantizer ?? createFakeQuantizer(NETWORK, 1), store, newId: randomUUID },
    ...{ strategy: findStrategy, versions: { bitwright: 'test' }, hardware: catalog, events: new MemoryEventBus() },
    clock: { now: () => Date.now(), sleep: async () => new Promise<void>((resolve) => setTimeout(resolve, 10)) },
  };
  return { manager: new SearchManager(ports, { maxRunning: 1, patienceMs: 30_000 }), store };
}

function specOf(change: Partial<PartialSearchSpec> = {}) {
  return completeSearchSpec({
    model: { kind: 'zoo', ...MODEL },
    dataset: { name: 'fake-images' },
    hardware: [{ name: 'bismo-edge' }],
    budget: [parseConstraint('latency<=0.7x')],
    strategy: { name: 'random', options: {} },
    ...{ maxTrials: 16, finalists: 2, ...change },
  });
}

async function end(manager: SearchManager, id: string): Promise<Report> {
  for await (const _ of manager.watch(id, 0, new AbortController().signal));
  expect(await manager.get(id)).toMatchObject({ state: 'completed' });
  return JSON.parse(await manager.report(id)) as Report;
}

/** By the hardware itself, with the whole network, without the search. */
async function evaluated({ hardware }: World, policy: Report['policy']): Promise<number> {
  for await (const { latencyMs } of hardware.evaluate(LAYERS, [policy], { network: NETWORK })) return latencyMs;
  throw new Error('no answer');
}

const proposals = (trials: readonly Trial[]) => trials.filter(({ role }) => role === 'strategy');

test.each(['random', 'haq', 'uniform'])('%s searches on what whole networks take', async (strategy) => {
  const world = await startService();
  const { manager, store } = openManager(world);
  const { id } = await manager.create('one', specOf({ strategy: { name: strategy, options: {} } }));
  const report = await end(manager, id);
  const limit = 0.7 * (await evaluated(world, uniformPolicy(LAYERS.length, 8)));
  expect(report.constraints[0]?.limit).toBeCloseTo(limit, 9);
  expect(report.result.feasible).toBe(true);
  expect(await evaluated(world, report.policy)).toBeCloseTo(report.result.latencyMs ?? 0, 9);
  expect(report.provenance.hardware.additive).toBe(false);
  for (const { policy, cost, feasible } of await store.trials(id)) {
    if (policy === undefined) continue;
    expect(cost.latencyMs).toBeCloseTo(await evaluated(world, policy), 9);
    expect(feasible).toBe((cost.latencyMs ?? 0) <= (report.constraints[0]?.limit ?? 0));
  }
});

test('what only the table thinks to fit is recorded as infeasible, and later proposals fit', async () => {
  const world = await startService();
  const { manager, store } = openManager(world);
  const { id } = await manager.create('learns', specOf({ maxTrials: 24 }));
  await end(manager, id);
  const feasible = proposals(await store.trials(id)).map((trial) => trial.feasible);
  expect(feasible[0]).toBe(false);
  expect(feasible.slice(8).filter(Boolean).length).toBeGreaterThanOrEqual(0.75 * feasible.slice(8).length);
});

test('every policy is evaluated once, and what is stored is taken over after a crash', async () => {
  const store = new MemorySearchStore();
  const crashing = createFakeQuantizer(NETWORK, 1);
  const first = await startService();
  const { manager } = openManager(first, { quantizer: crashing, store });
  crashing.before = async () => {
    if (crashing.requests.length > 10) await new Promise(() => {});
  };
  const { id } = await manager.create('crash', specOf());
  for await (const { sequence } of manager.watch(id, 0, new AbortController().signal)) if (sequence >= 10) break;
  const stored = await store.trials(id);

  const second = await startService();
  const resumed = openManager(second, { store });
  await resumed.manager.start();
  await end(resumed.manager, id);
  for (const { hardware } of [first, second]) {
    const hashes = hardware.evaluated.map(policyHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  }
  const known = new Set(stored.map((trial) => trial.policyHash));
  expect(second.hardware.evaluated.some((policy) => known.has(policyHash(policy)))).toBe(false);

  const whole = await startService();
  const uninterrupted = openManager(whole);
  const { id: other } = await uninterrupted.manager.create('whole', specOf());
  await end(uninterrupted.manager, other);
  const shape = (trials: readonly Trial[]) =>
    proposals(trials).map((trial) => [trial.policyHash, trial.cost, trial.feasible]);
  expect(shape(await store.trials(id))).toEqual(shape(await uninterrupted.store.trials(other)));
});

test('beside additive hardware, both costs are in every trial and both limits hold', async () => {
  const world = await startService();
  const { manager, store } = openManager(world);
  const hardware = [{ name: 'bismo-cloud' }, { name: 'bismo-edge' }];
  const { id } = await manager.create('both', specOf({ hardware, budget: [parseConstraint('latency<=0.75x')] }));
  const report = await end(manager, id);
  const [cloud, edge] = report.result.targets ?? [];
  expect([cloud?.hardware, edge?.hardware]).toEqual(['bismo-cloud', 'bismo-edge']);
  expect(edge?.latencyMs).toBeCloseTo(await evaluated(world, report.policy), 9);
  expect(cloud?.latencyMs).toBe(report.result.latencyMs);
  for (const { limit, reached } of report.constraints) expect(reached).toBeLessThanOrEqual(limit);
  expect(proposals(await store.trials(id)).some(({ feasible }) => feasible)).toBe(true);
});

test('hardware that is away in the middle of a search is waited for', async () => {
  const world = await startService();
  const { manager } = openManager(world);
  const { id } = await manager.create('away', specOf({ maxTrials: 6 }));
  const calls = failOn(
    world,
    (call) => call % 2 === 1,
    new BitwrightError('unavailable', 'BOARD', 'the board is away'),
  );
  const report = await end(manager, id);
  expect(calls()).toBeGreaterThan(4);
  expect(report.trials.every(({ error }) => error === null)).toBe(true);
});

test('an evaluation that fails for good costs one trial', async () => {
  const world = await startService();
  const { manager } = openManager(world);
  const { id } = await manager.create('fails', specOf({ maxTrials: 6 }));
  failOn(world, (call) => call === 2, new Error('the board does not answer'));
  const report = await end(manager, id);
  const failed = report.trials.filter(({ error }) => error !== null);
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatchObject({ accuracy: null, latencyMs: null, feasible: false });
});

/** Lets some of the evaluations from now on fail; gives how many there were. */
function failOn({ hardware }: World, fails: (call: number) => boolean, error: Error): () => number {
  const evaluate = hardware.evaluate;
  let calls = 0;
  Object.assign(hardware, {
    evaluate: async function* (...asked: Parameters<typeof evaluate>) {
      calls += 1;
      if (fails(calls)) throw error;
      yield* evaluate(...asked);
    },
  });
  return () => calls;
}
