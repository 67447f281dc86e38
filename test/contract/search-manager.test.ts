import { randomUUID } from 'node:crypto';
import { ACCELERATORS } from '@bitwright/accelerators';
import { MemoryEventBus, MemorySearchStore } from '@bitwright/adapters';
import {
  BitwrightError,
  completeSearchSpec,
  frontMetric,
  type HardwareCatalog,
  type PartialSearchSpec,
  parseConstraint,
  type Report,
  SearchManager,
  type SearchPorts,
  type SearchProgress,
  type SearchStore,
} from '@bitwright/core';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { findStrategy } from '@bitwright/strategies';
import { createFakeQuantizer, type FakeQuantizer, waitUntil } from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';
import { expect, test } from 'vitest';

const NETWORK = buildZooNetwork({
  network: 'mobilenet-v1',
  width: 0.25,
  imageSize: 32,
  channels: 1,
  classes: 10,
  outputStride: 16,
});

function specOf(changes: Partial<PartialSearchSpec> = {}) {
  return completeSearchSpec({
    model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
    dataset: { name: 'fake-images' },
    hardware: [{ name: 'bismo-edge' }],
    budget: [parseConstraint('latency<=0.6x')],
    strategy: { name: 'random', options: {} },
    maxTrials: 6,
    ...changes,
  });
}

function openManager(
  quantizer: FakeQuantizer = createFakeQuantizer(NETWORK),
  store: SearchStore = new MemorySearchStore(),
  patienceMs = 60_000,
  now = Date.now,
) {
  const hardware = leavingHardware(createLocalCatalog(ACCELERATORS));
  const clock = {
    now,
    sleep: async () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
  const ports: SearchPorts = {
    ...{ quantizer, store, clock, newId: randomUUID, strategy: findStrategy, versions: { bitwright: 'test' } },
    hardware: hardware.catalog,
    events: new MemoryEventBus(),
  };
  const manager = new SearchManager(ports, { maxRunning: 2, patienceMs });
  return { manager, quantizer, store, hardware, events: ports.events };
}

/** Hardware that can be away: then nobody answers. */
function leavingHardware(there: HardwareCatalog) {
  const hardware = {
    isAway: false,
    catalog: {
      list: there.list,
      open: async (name: string) => {
        if (!hardware.isAway) return there.open(name);
        throw new BitwrightError('unavailable', 'HARDWARE_UNREACHABLE', 'board:7003 does not answer');
      },
    } satisfies HardwareCatalog,
  };
  return hardware;
}

async function watchToEnd(manager: SearchManager, id: string, from = 0): Promise<SearchProgress[]> {
  const updates: SearchProgress[] = [];
  for await (const update of manager.watch(id, from, new AbortController().signal)) updates.push(update);
  return updates;
}

const reportOf = async (manager: SearchManager, id: string) => JSON.parse(await manager.report(id)) as Report;

test('a search runs from controls to report and gives a feasible result', async () => {
  const { manager } = openManager();
  const { id } = await manager.create('one', specOf());
  const updates = await watchToEnd(manager, id);
  expect(updates.at(-1)).toMatchObject({ state: 'completed', phase: 'done' });
  const report = await reportOf(manager, id);
  const [limit] = report.constraints;
  expect(report.result.feasible).toBe(true);
  expect(report.result.latencyMs).toBeLessThanOrEqual(limit?.limit ?? 0);
  expect(report.baselines.map(({ strategy }) => strategy)).toEqual(
    expect.arrayContaining(['float', 'uniform-8', 'uniform-6', 'uniform-4']),
  );
  expect(report.baselines.every(({ testAccuracy }) => testAccuracy !== null)).toBe(true);
  expect(report.trials.filter(({ role }) => role === 'strategy')).toHaveLength(6);
  expect(report.layers).toHaveLength(28);
  expect(report.exported?.parity).toBe(1);
});

test('figures of 8 bit are of 8 bits everywhere, also where the search may not use them', async () => {
  const narrow = { weightBits: [2, 3, 4], activationBits: [2, 3, 4] };
  const { manager } = openManager();
  const limited = await manager.create('narrow', specOf(narrow));
  const free = await manager.create('narrow and free', specOf({ ...narrow, budget: [] }));
  for (const { id } of [limited, free]) {
    await watchToEnd(manager, id);
    const { baselines, reference, constraints, layers } = await reportOf(manager, id);
    expect(baselines.map(({ strategy }) => strategy)).not.toContain('uniform-8');
    const counted = layers.filter((layer) => layer.counted);
    const latencyMs = counted.reduce((sum, { latencyMsAt8Bits }) => sum + (latencyMsAt8Bits ?? 0), 0);
    expect(reference?.latencyMs).toBeCloseTo(latencyMs, 9);
    expect(reference?.sizeBytes).toBe(layers.reduce((sum, { weights }) => sum + weights, 0));
    for (const limit of constraints) expect(limit.reference).toBe(reference?.latencyMs);
  }
});

test('a front by bit operations is drawn by them', async () => {
  const { manager } = openManager();
  const { id } = await manager.create('bops', specOf({ budget: [parseConstraint('bops<=0.6x')] }));
  await watchToEnd(manager, id);
  const report = await reportOf(manager, id);
  const { label, of, limit, reference } = frontMetric(report);
  expect(label).toBe('million bit operations');
  expect(limit).toBeCloseTo(0.6 * reference, 9);
  expect(of(report.result)).toBe((report.constraints[0]?.reached ?? 0) / 1e6);
  const costs = report.front.map(of);
  expect(costs).toEqual(costs.toSorted((a, b) => a - b));
  expect(report.trials.every(({ bops }) => (bops ?? 0) > 0)).toBe(true);
});

test('the result is the best feasible policy of all, whoever found it', async () => {
  const { manager } = openManager();
  const { id } = await manager.create('best', specOf());
  await watchToEnd(manager, id);
  const report = await reportOf(manager, id);
  const finals = [...report.baselines, report.strategyBest, report.result].filter((entry) => entry?.feasible === true);
  const best = Math.max(...finals.map((entry) => entry?.validationAccuracy ?? 0));
  expect(report.result.validationAccuracy).toBe(best);
  expect(report.strategyBest?.strategy).toBe('random');
});

test('losses at the best temperature stand beside accuracies; one that is not finite is not known', async () => {
  const quantizer = createFakeQuantizer(NETWORK);
  const { evaluatePolicy, finetunePolicy } = quantizer;
  quantizer.evaluatePolicy = async (request, options) => ({
    ...(await evaluatePolicy(request, options)),
    ...(request.policy === undefined && { calibratedLoss: Number.NaN }),
  });
  quantizer.finetunePolicy = async (request, options) => {
    const { validation, ...tuned } = await finetunePolicy(request, options);
    return { ...tuned, validation: { ...validation, accuracy: 0.9, calibratedLoss: 0.3 } };
  };
  const { manager, store } = openManager(quantizer);
  const { id } = await manager.create('losses', specOf());
  await watchToEnd(manager, id);
  const report = await reportOf(manager, id);
  for (const { policy, role, accuracy, calibratedLoss, validationCalibratedLoss } of await store.trials(id)) {
    const isKnown = policy !== undefined;
    expect(calibratedLoss).toEqual(isKnown ? expect.closeTo(0.5 * (1 - (accuracy ?? 0)), 12) : undefined);
    expect(validationCalibratedLoss).toBe(isKnown && role === 'finalist' ? 0.3 : undefined);
  }
  const float = report.baselines.find(({ strategy }) => strategy === 'float');
  expect(float).toMatchObject({ validationAccuracy: 0.93, validationCalibratedLoss: null });
  expect(report.result).toMatchObject({ validationAccuracy: 0.9, validationCalibratedLoss: 0.3 });
  for (const { validationAccuracy, validationCalibratedLoss } of report.front)
    expect(validationCalibratedLoss).toBeCloseTo(0.5 * (1 - (validationAccuracy ?? 0)), 12);
  expect(report.trials.filter(({ calibratedLoss }) => calibratedLoss === null).map(({ origin }) => origin)).toEqual([
    'float',
    'float',
  ]);
});

test.each([
  [300, 6],
  [1, 2],
])('a search of %i s finishes what runs then, and goes on to the final fine-tuning', async (seconds, trials) => {
  const quantizer = createFakeQuantizer(NETWORK);
  let passedMs = 0;
  // Each evaluation takes a minute by this clock, one after the other, and two are begun at once.
  quantizer.before = () => {
    passedMs += 60_000;
  };
  const { manager } = openManager(quantizer, undefined, undefined, () => Date.now() + passedMs);
  const { id } = await manager.create('in-time', specOf({ maxTrials: 50, timeLimitSeconds: seconds }));
  await watchToEnd(manager, id);
  const report = await reportOf(manager, id);
  expect(report.trials.filter(({ role }) => role === 'strategy')).toHaveLength(trials);
  expect(report).toMatchObject({ state: 'completed', result: { feasible: true, testAccuracy: expect.any(Number) } });
});

test('a time that is none is refused', async () => {
  const { manager } = openManager();
  const refused = manager.create('negative', specOf({ timeLimitSeconds: -1 }));
  await expect(refused).rejects.toThrow('spec.time_limit_seconds: is -1; use a whole number from 1');
});

test('an unreachable budget is refused with the smallest reachable value', async () => {
  const { manager } = openManager();
  const refused = manager.create('no', specOf({ budget: [parseConstraint('latency<=0.01x')] }));
  await expect(refused).rejects.toMatchObject({ kind: 'failed_precondition', reason: 'BUDGET_INFEASIBLE' });
  await expect(refused).rejects.toThrow(/smallest reachable latency is [0-9.]+/);
});

test('options that the strategy does not know are refused when the search is created', async () => {
  const { manager } = openManager();
  const refused = manager.create('options', specOf({ strategy: { name: 'haq', options: { warmup: 3 } } }));
  await expect(refused).rejects.toMatchObject({ kind: 'invalid_argument' });
  await expect(refused).rejects.toThrow(/spec\.strategy\.options\.warmup/);
});

test('the same request id gives the same search, another spec under it is refused', async () => {
  const { manager } = openManager();
  const first = await manager.create('same', specOf());
  expect((await manager.create('same', specOf())).id).toBe(first.id);
  await expect(manager.create('same', specOf({ seed: 9 }))).rejects.toMatchObject({ kind: 'already_exists' });
  await manager.close();
});

test('a request that comes again has its answer though quantizer and hardware are away', async () => {
  const { manager, quantizer, hardware } = openManager();
  const first = await manager.create('again', specOf());
  hardware.isAway = true;
  quantizer.describeModel = async () => {
    throw new BitwrightError('unavailable', 'CONNECTION_LOST', 'the quantizer is away');
  };
  expect((await manager.create('again', specOf())).id).toBe(first.id);
  await expect(manager.create('again', specOf({ seed: 9 }))).rejects.toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  await manager.close();
});

test('a watcher that comes back with its token misses nothing and sees nothing twice', async () => {
  const { manager } = openManager();
  const { id } = await manager.create('watch', specOf());
  const all = await watchToEnd(manager, id);
  const late = await watchToEnd(manager, id, 5);
  const total = all.at(-1)?.sequence ?? 0;
  expect(late.map(({ sequence }) => sequence)).toEqual(Array.from({ length: total - 5 }, (_, index) => 6 + index));
});

test('a cancelled search keeps its best so far and can be resumed to the end', async () => {
  const quantizer = createFakeQuantizer(NETWORK, 1);
  const { manager } = openManager(quantizer);
  let measured = 0;
  quantizer.before = async (_request, { signal }) => {
    measured += 1;
    if (measured > 7) await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  const { id } = await manager.create('cancel', specOf());
  for await (const { sequence } of manager.watch(id, 0, new AbortController().signal)) if (sequence >= 7) break;
  expect(await manager.cancel(id)).toMatchObject({ state: 'cancelled' });
  expect((await reportOf(manager, id)).result.feasible).toBe(true);
  quantizer.before = () => {};
  await manager.resume(id);
  await watchToEnd(manager, id);
  expect((await reportOf(manager, id)).trials.filter(({ role }) => role === 'strategy')).toHaveLength(6);
});

test('after a crash the search goes on and repeats at most the evaluations in flight', async () => {
  const store = new MemorySearchStore();
  const crashing = createFakeQuantizer(NETWORK, 2);
  const first = openManager(crashing, store);
  crashing.before = async () => {
    if (crashing.requests.length > 8) await new Promise(() => {});
  };
  const { id } = await first.manager.create('crash', specOf());
  for await (const { sequence } of first.manager.watch(id, 0, new AbortController().signal)) if (sequence >= 8) break;
  const second = openManager(createFakeQuantizer(NETWORK, 2), store);
  await second.manager.start();
  await watchToEnd(second.manager, id);
  const trials = await store.trials(id);
  const baselines = trials.filter(({ role }) => role === 'baseline').map(({ origin }) => origin);
  expect(new Set(baselines).size).toBe(baselines.length);
  expect(trials.filter(({ role }) => role === 'strategy')).toHaveLength(6);
  const evaluations = [...crashing.requests.slice(0, 8), ...second.quantizer.requests].filter(
    ({ split }) => split === 'validation',
  );
  expect(new Set(evaluations.map(({ policy }) => JSON.stringify(policy))).size).toBe(evaluations.length);
});

test('a quantizer that is away for a while is waited for', async () => {
  const quantizer = createFakeQuantizer(NETWORK);
  let failures = 3;
  quantizer.before = () => {
    if (failures-- > 0) throw new BitwrightError('unavailable', 'PEER', 'the quantizer is away');
  };
  const { manager } = openManager(quantizer);
  const { id } = await manager.create('away', specOf());
  await watchToEnd(manager, id);
  expect(await manager.get(id)).toMatchObject({ state: 'completed' });
});

test('a search whose hardware is away says what it waits for and since when, and goes on when it is back', async () => {
  const { manager, hardware } = openManager();
  const { id } = await manager.create('paused', specOf());
  await manager.cancel(id);
  hardware.isAway = true;
  const before = Date.now();
  await manager.resume(id);
  const waits: SearchProgress['waitingFor'][] = [];
  for await (const { waitingFor, state, etaSeconds } of manager.watch(id, 0, new AbortController().signal)) {
    if (waits.at(-1) !== waitingFor) waits.push(waitingFor);
    if (waitingFor === undefined) continue;
    expect({ state, etaSeconds }).toEqual({ state: 'running', etaSeconds: undefined });
    hardware.isAway = false;
  }
  expect(waits).toEqual([
    {
      peer: 'hardware bismo-edge',
      since: expect.any(Number),
      until: expect.any(Number),
      reason: 'board:7003 does not answer',
    },
    undefined,
  ]);
  expect(waits[0]?.since).toBeGreaterThanOrEqual(before);
  expect((waits[0]?.until ?? 0) - (waits[0]?.since ?? 0)).toBe(60_000);
  expect(await manager.get(id)).toMatchObject({ state: 'completed' });
});

test('a search whose hardware stays away fails with its name, its address and how long it waited', async () => {
  const { manager, hardware } = openManager(createFakeQuantizer(NETWORK), new MemorySearchStore(), 600);
  const { id } = await manager.create('given-up', specOf());
  await manager.cancel(id);
  hardware.isAway = true;
  await manager.resume(id);
  const updates = await watchToEnd(manager, id);
  expect(updates.slice(-2).map(({ state, waitingFor }) => [state, waitingFor?.peer])).toEqual([
    ['running', 'hardware bismo-edge'],
    ['failed', undefined],
  ]);
  expect(await manager.get(id)).toMatchObject({
    state: 'failed',
    failure: {
      ...{ kind: 'unavailable', reason: 'HARDWARE_UNREACHABLE' },
      message: 'waited 1 s for hardware bismo-edge in vain: board:7003 does not answer',
    },
  });
});

test('a search is not created while its hardware is away: nobody knows whether its budget can be met', async () => {
  const { manager, hardware, store } = openManager();
  hardware.isAway = true;
  await expect(manager.create('away', specOf())).rejects.toMatchObject({ kind: 'unavailable' });
  expect((await store.list({}, 10)).searches).toEqual([]);
});

test('an evaluation that fails for good costs one trial, wrong input the whole search', async () => {
  const quantizer = createFakeQuantizer(NETWORK);
  const { manager } = openManager(quantizer);
  quantizer.before = () => {
    if (quantizer.requests.length === 9) throw new BitwrightError('internal', 'CHILD', 'the child crashed thrice');
  };
  const one = await manager.create('one-fails', specOf());
  await watchToEnd(manager, one.id);
  expect((await reportOf(manager, one.id)).trials.filter(({ error }) => error !== null)).toHaveLength(1);
  quantizer.before = () => {
    throw new BitwrightError('invalid_argument', 'MODEL_NOT_FINITE', 'weight of stem is NaN');
  };
  const all = await manager.create('all-fail', specOf());
  await watchToEnd(manager, all.id);
  expect(await manager.get(all.id)).toMatchObject({ state: 'failed', failure: { reason: 'MODEL_NOT_FINITE' } });
});

test('what happens is published: created, started, each trial, completed', async () => {
  const { manager, events } = openManager();
  const kinds: string[] = [];
  const stop = new AbortController();
  const listening = (async () => {
    for await (const { kind } of events.subscribe({}, stop.signal)) kinds.push(kind);
  })();
  const { id } = await manager.create('events', specOf());
  await watchToEnd(manager, id);
  await waitUntil('the last event', () => kinds.at(-1) === 'search.completed');
  stop.abort();
  await listening;
  expect(kinds.slice(0, 2)).toEqual(['search.created', 'search.started']);
  expect(kinds.at(-1)).toBe('search.completed');
  expect(kinds.filter((kind) => kind === 'trial.evaluated').length).toBeGreaterThan(10);
});
