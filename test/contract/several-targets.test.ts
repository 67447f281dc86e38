import { randomUUID } from 'node:crypto';
import { ACCELERATORS } from '@bitwright/accelerators';
import { MemoryEventBus, MemorySearchStore } from '@bitwright/adapters';
import {
  completeSearchSpec,
  costOfPolicy,
  deriveLayers,
  type HardwareCatalog,
  type PartialSearchSpec,
  parseConstraint,
  type Report,
  SearchManager,
  uniformPolicy,
} from '@bitwright/core';
import { type Accelerator, createLocalCatalog } from '@bitwright/hardware-kit';
import { createBitProductAccelerator } from '@bitwright/hardware-kit/testing';
import { findStrategy } from '@bitwright/strategies';
import { createFakeQuantizer } from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';
import { expect, test } from 'vitest';

const MODEL = { network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 } as const;
const NETWORK = buildZooNetwork({ ...MODEL, channels: 1, outputStride: 16 });
const LAYERS = deriveLayers(NETWORK);
const CATALOG = createLocalCatalog(ACCELERATORS);

async function searchFor(
  budget: readonly string[],
  change: Partial<PartialSearchSpec> = {},
  hardware: HardwareCatalog = CATALOG,
): Promise<Report> {
  const ports = {
    ...{ quantizer: createFakeQuantizer(NETWORK), store: new MemorySearchStore(), newId: randomUUID },
    ...{ strategy: findStrategy, versions: { bitwright: 'test' }, hardware, events: new MemoryEventBus() },
    clock: { now: () => Date.now(), sleep: async () => {} },
  };
  const manager = new SearchManager(ports, { maxRunning: 1, patienceMs: 1_000 });
  const spec = completeSearchSpec({
    model: { kind: 'zoo', ...MODEL },
    dataset: { name: 'fake-images' },
    hardware: [{ name: 'bismo-edge' }, { name: 'bismo-cloud' }],
    budget: budget.map((text) => parseConstraint(text)),
    strategy: { name: 'random', options: {} },
    ...{ maxTrials: 8, finalists: 2, ...change },
  });
  const { id } = await manager.create('one', spec);
  for await (const _ of manager.watch(id, 0, new AbortController().signal));
  return JSON.parse(await manager.report(id)) as Report;
}

/** By the target's own table, without the search. */
async function costOn(hardware: string, policy: Report['policy']) {
  return costOfPolicy(LAYERS, await (await CATALOG.open(hardware)).tabulate(LAYERS), policy);
}

const EIGHT_BIT = uniformPolicy(LAYERS.length, 8);

test.each(['random', 'haq', 'uniform'])(
  '%s meets a latency on the edge and an energy in the cloud',
  async (strategy) => {
    const budget = ['latency@bismo-edge<=0.6x', 'energy@bismo-cloud<=0.5x'];
    const report = await searchFor(budget, { strategy: { name: strategy, options: {} } });
    const [edge, edgeReference] = [await costOn('bismo-edge', report.policy), await costOn('bismo-edge', EIGHT_BIT)];
    const [cloud, cloudReference] = [
      await costOn('bismo-cloud', report.policy),
      await costOn('bismo-cloud', EIGHT_BIT),
    ];
    expect(edge.latencyMs).toBeLessThanOrEqual(0.6 * (edgeReference.latencyMs ?? 0));
    expect(cloud.energyMj).toBeLessThanOrEqual(0.5 * (cloudReference.energyMj ?? 0));
    expect(report.result.targets).toEqual([
      { hardware: 'bismo-edge', latencyMs: edge.latencyMs, energyMj: edge.energyMj },
      { hardware: 'bismo-cloud', latencyMs: cloud.latencyMs, energyMj: cloud.energyMj },
    ]);
    expect(report.result.latencyMs).toBe(edge.latencyMs);
    expect(report.constraints.map(({ hardware, reached }) => [hardware, reached])).toEqual([
      ['bismo-edge', edge.latencyMs],
      ['bismo-cloud', cloud.energyMj],
    ]);
    const own = report.trials.filter(({ role }) => role === 'strategy');
    expect(own.length).toBeGreaterThan(0);
    expect(own.every(({ feasible }) => feasible)).toBe(true);
  },
);

test('a limit without a target holds on every one, and the one that is worst decides', async () => {
  const both = await searchFor(['latency<=0.5x']);
  const ratios = await Promise.all(
    both.trials
      .filter(({ role }) => role === 'strategy')
      .map(async ({ targets = [] }) =>
        Promise.all(
          targets.map(async ({ hardware, latencyMs }) => {
            const reference = (await costOn(hardware, EIGHT_BIT)).latencyMs ?? 0;
            return (latencyMs ?? Number.NaN) / reference;
          }),
        ),
      ),
  );
  expect(ratios.flat().every((ratio) => ratio <= 0.5)).toBe(true);
  // Alone, the target that does not decide would have let more bits pass.
  expect(ratios.some(([edge = 0, cloud = 0]) => Math.abs(edge - cloud) > 0.01)).toBe(true);
  const edgeAlone = await searchFor(['latency@bismo-edge<=0.5x']);
  const overInTheCloud = edgeAlone.trials.filter(({ role, targets }) => {
    const cloud = targets?.find(({ hardware }) => hardware === 'bismo-cloud');
    return role === 'strategy' && (cloud?.latencyMs ?? 0) > (both.constraints[1]?.limit ?? 0);
  });
  expect(overInTheCloud.length).toBeGreaterThan(0);
  expect(overInTheCloud.every(({ feasible }) => feasible)).toBe(true);
});

test('the front trades accuracy for the worst latency relative to 8 bits', async () => {
  const { front, frontMetric, layers, provenance } = await searchFor(['latency<=0.6x']);
  expect(frontMetric).toMatchObject({
    metric: 'latency',
    references: [{ hardware: 'bismo-edge' }, { hardware: 'bismo-cloud' }],
  });
  const worst = front.map(({ targets = [] }) =>
    Math.max(...targets.map(({ latencyMs }, index) => (latencyMs ?? 0) / (frontMetric?.references[index]?.value ?? 0))),
  );
  expect(worst.length).toBeGreaterThan(1);
  expect(worst).toEqual([...worst].sort((a, b) => a - b));
  expect(layers[1]?.targets?.map(({ hardware }) => hardware)).toEqual(['bismo-edge', 'bismo-cloud']);
  expect(layers[1]?.targets?.[0]?.latencyMs).toBe(layers[1]?.latencyMs);
  expect(provenance.targets?.map(({ name, batch }) => [name, batch])).toEqual([
    ['bismo-edge', 1],
    ['bismo-cloud', 16],
  ]);
  expect(provenance.spec.hardware).toEqual({ name: 'bismo-edge' });
});

test('a single target is reported as ever', async () => {
  const report = await searchFor(['latency<=0.6x'], { hardware: [{ name: 'bismo-edge' }] });
  expect(Object.keys(report.result)).not.toContain('targets');
  expect(Object.keys(report)).not.toContain('frontMetric');
  expect(Object.keys(report.layers[0] ?? {})).not.toContain('targets');
  expect(Object.keys(report.provenance)).not.toContain('targets');
  expect(Object.keys(report.constraints[0] ?? {})).not.toContain('hardware');
});

test('targets share the bits that all of them run', async () => {
  const hardware = [{ name: 'bismo-edge' }, { name: 'bitfusion' }];
  const { policy } = await searchFor(['latency<=0.8x'], { hardware, weightBits: [1, 2, 4], activationBits: [1, 4] });
  expect(policy.layers.every(({ weightBits, activationBits }) => weightBits > 1 && activationBits > 1)).toBe(true);
  await expect(searchFor([], { hardware, weightBits: [1] })).rejects.toThrow(
    /bismo-edge runs 1, 2, .*bitfusion runs 2, 3, .*all of them run none of \[1\]/,
  );
});

/** Beside one where fewer bits take less time, another where they take more, as unpacking them can. */
function opposedTargets(): HardwareCatalog {
  const packed = createBitProductAccelerator({ name: 'packed' });
  const capabilities = { ...packed.capabilities, name: 'unpacking', provenance: 'measured' } as const;
  const layerCost: Accelerator['layerCost'] = (layer, weightBits, activationBits, batch) => {
    const cost = packed.layerCost(layer, weightBits, activationBits, batch);
    const latencyMs = cost.latencyMs * (64 / (weightBits * activationBits)) ** 1.5;
    return { ...cost, latencyMs, computeMs: latencyMs };
  };
  return createLocalCatalog([packed, { capabilities, layerCost }]);
}
const OPPOSED: Partial<PartialSearchSpec> = { hardware: [{ name: 'packed' }, { name: 'unpacking' }], pin: 'none' };

test.each(['random', 'haq', 'uniform'])(
  '%s finds what fits between targets that pull apart, where the fewest bits do not',
  async (strategy) => {
    const budget = ['latency@packed<=0.6x', 'latency@unpacking<=1.5x'];
    const change = { ...OPPOSED, strategy: { name: strategy, options: {} } };
    const { result, constraints, trials } = await searchFor(budget, change, opposedTargets());
    expect(result.feasible).toBe(true);
    for (const { reached, limit } of constraints) expect(reached).toBeLessThanOrEqual(limit);
    expect(trials.filter(({ role }) => role === 'strategy').every(({ feasible }) => feasible)).toBe(true);
  },
);

test('limits that can be met one by one and not together are refused with the proof', async () => {
  const budget = ['latency@packed<=0.4x', 'latency@unpacking<=1.2x'];
  for (const alone of budget) expect((await searchFor([alone], OPPOSED, opposedTargets())).result.feasible).toBe(true);
  await expect(searchFor(budget, OPPOSED, opposedTargets())).rejects.toThrow(
    /^latency@packed<=0\.4x and latency@unpacking<=1\.2x cannot be met together, though each can alone: every policy takes at least 1\.\d+ times/,
  );
});

test.each<[string[], PartialSearchSpec['hardware'], RegExp]>([
  [
    ['latency@bismo-egde<=1x'],
    [{ name: 'bismo-edge' }, { name: 'bismo-cloud' }],
    /no target of this search; its targets are bismo-edge, bismo-cloud/,
  ],
  [['size@bismo-edge<=1x'], [{ name: 'bismo-edge' }], /size is the same on all hardware/],
  [[], [{ name: 'bismo-edge' }, { name: 'bismo-edge' }], /names bismo-edge twice/],
  [[], [], /name a hardware target/],
  [[], Array.from({ length: 9 }, (_, index) => ({ name: `board-${index}` })), /at most 8 targets/],
  [
    ['latency@bismo-cloud<=0.01x'],
    [{ name: 'bismo-edge' }, { name: 'bismo-cloud' }],
    /latency@bismo-cloud<=0.01x .*smallest reachable latency on bismo-cloud is/,
  ],
])('a budget of %j on %j is refused', async (budget, hardware, message) => {
  await expect(searchFor(budget, { hardware })).rejects.toThrow(message);
});
