import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Layer, LayerPrecision } from '@bitwright/core';
import { formatTable, parseTable } from '@bitwright/cost-tables';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { createBitProductAccelerator, SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuildTableOptions, buildTable } from './build-table.js';
import type { BuildProgress } from './measure-cells.js';
import { gridOf, pairText, planTable } from './plan-table.js';
import type { CellAnswer, Runner } from './runner.js';
import { createCommandRunner } from './runners/command-runner.js';
import { createHardwareRunner, pairsOfHardware } from './runners/hardware-runner.js';

let temporary: TemporaryFolder;
beforeEach(async () => {
  temporary = await makeTemporaryFolder();
});
afterEach(() => temporary.remove());

const MISBEHAVE = fileURLToPath(new URL('../fixtures/misbehave.mjs', import.meta.url));
const commandOf = (way: string, file = '') =>
  createCommandRunner({
    ...{ command: `${JSON.stringify(process.execPath)} ${MISBEHAVE} ${way} ${file}`, hardware: 'board' },
    ...{ provenance: 'measured', device: {}, timeoutMs: 20_000, layerFormat: 'json' },
  });

type Change = Partial<Omit<BuildTableOptions, 'runner'>>;

async function build(runner: Runner, change: Change = {}) {
  const progress: BuildProgress[] = [];
  const options = {
    ...{
      plan: planTable(SAMPLE_LAYERS, 1, () => gridOf([4, 8], [8])),
      seed: 1,
      counted: 'all' as const,
      network: 'sample',
    },
    ...{ effort: { repeats: 1, warmUp: 0, retries: 1 }, journalPath: join(temporary.path, 'board.partial') },
    ...{ restart: false, signal: new AbortController().signal, description: await runner.describe() },
    ...change,
  } as const;
  const onProgress = (now: BuildProgress) => void progress.push(now);
  return { ...(await buildTable({ ...options, runner, onProgress })), progress };
}

/** A device whose answers a test decides; it keeps what it was asked, in order. */
function toyRunner(answerOf: (layer: Layer, pair: LayerPrecision, times: number) => CellAnswer | number) {
  const asked: string[] = [];
  const runner: Runner = {
    ...{ name: 'toy', asks: 'cells' },
    describe: async () => ({
      ...{ name: 'toy', version: '1', description: 'a toy', provenance: 'measured', device: { clock: '1 GHz' } },
    }),
    measureLayer: async ({ layer }, pairs) =>
      pairs.map((pair) => {
        const cell = `${layer.name} ${pairText(pair)}`;
        asked.push(cell);
        const answer = answerOf(layer, pair, asked.filter((other) => other === cell).length);
        return typeof answer === 'number' ? { outcome: 'measured', samplesMs: [answer], figures: {} } : answer;
      }),
    measureNetwork: async () => ({ outcome: 'failed', reason: 'not here' }),
  };
  return { runner, asked };
}

const failed = (reason = 'no luck') => ({ outcome: 'failed', reason }) as const;

describe('a table that is built', () => {
  it('has every layer, median and spread of what was measured, and how', async () => {
    const samples = [9, 3, 1, 2];
    const { runner } = toyRunner((_layer, { weightBits }, times) => (samples[times - 1] as number) * weightBits);
    const { table, missing } = await build(runner, { effort: { repeats: 3, warmUp: 1, retries: 0 } });
    expect(table.layers.map(({ name }) => name)).toEqual(SAMPLE_LAYERS.map(({ name }) => name));
    expect(table.layers[3]?.cells[0]).toMatchObject({ weightBits: 4, activationBits: 8, latencyMs: 8, spreadMs: 4 });
    expect(missing).toEqual([]);
    expect(table).toMatchObject({
      source: { hardware: 'toy', version: '1', provenance: 'measured' },
      device: { clock: '1 GHz' },
      measurement: { repeats: 3, warmUp: 1, seed: 1, samples: 48, outliers: 0, runner: 'toy', network: 'sample' },
    });
    expect(parseTable(formatTable(table, 'json'), 'board.json')).toEqual(table);
  });

  it('asks each shape once, however many layers have it', async () => {
    const twice = [...SAMPLE_LAYERS, ...SAMPLE_LAYERS].map((layer, index) => ({ ...layer, index, name: `${index}` }));
    const { runner, asked } = toyRunner(() => 1);
    const { table } = await build(runner, { plan: planTable(twice, 1, () => gridOf([8], [8])) });
    expect(asked).toHaveLength(SAMPLE_LAYERS.length);
    expect(table.layers).toHaveLength(twice.length);
    expect(parseTable(formatTable(table, 'csv'), 'board.csv').layers).toHaveLength(twice.length);
  });

  it('comes in an order that the seed shuffles, another one in each round', async () => {
    const orders = await Promise.all(
      [1, 1, 2].map(async (seed, index) => {
        const { runner, asked } = toyRunner(() => 1);
        const journalPath = join(temporary.path, `${index}.partial`);
        await build(runner, { seed, journalPath, effort: { repeats: 2, warmUp: 0, retries: 0 } });
        return asked;
      }),
    );
    const [first, same, other] = orders as [string[], string[], string[]];
    const inOrder = SAMPLE_LAYERS.flatMap(({ name }) => [`${name} 4/8`, `${name} 8/8`]);
    expect(first).toEqual(same);
    expect(first).not.toEqual(other);
    const rounds = [first.slice(0, 16), first.slice(16)];
    expect(rounds[0]).not.toEqual(rounds[1]);
    for (const round of [...rounds]) {
      expect(round).not.toEqual(inOrder);
      expect([...round].sort()).toEqual([...inOrder].sort());
    }
  });

  it('is what a simulator answers, to the last digit', async () => {
    const accelerator = createBitProductAccelerator({ defaultCounted: 'without-first-and-last' });
    const hardware = createLocalHardware(accelerator);
    const runner = createHardwareRunner({ hardware, name: 'here/bit-product', device: {}, timeoutMs: 10_000 });
    const plan = planTable(SAMPLE_LAYERS, 2, pairsOfHardware(accelerator.capabilities, { weightBits: [2, 8] }));
    const { table, progress } = await build(runner, { plan });
    const costs = await hardware.tabulate(SAMPLE_LAYERS, { batch: 2 });
    table.layers.forEach(({ cells }, index) => {
      expect(cells.map(pairText)).toEqual(['2/4', '2/8', '8/4', '8/8']);
      const [narrow, , wide] = costs.cells[index] ?? [];
      expect(cells.map(({ weightBits, activationBits, interpolated, ...cost }) => cost)).toEqual(
        [...(narrow ?? []), ...(wide ?? [])].map((cost) => ({ ...cost, spreadMs: undefined })),
      );
    });
    expect(progress).toHaveLength(SAMPLE_LAYERS.length);
    expect(table.source?.provenance).toBe('simulated');
  });

  it('shows how far it is and how long it takes', async () => {
    let time = 0;
    const { runner } = toyRunner(() => {
      time += 2_000;
      return 1;
    });
    const { progress } = await build(runner, { now: () => time });
    expect(progress[3]).toMatchObject({ cells: 4, allCells: 16, samples: 4, allSamples: 16, etaSeconds: 24 });
    expect(progress.at(-1)).toMatchObject({ cells: 16, etaSeconds: 0 });
  });
});

describe('cells that go wrong', () => {
  it('do not stop the others: what failed and what cannot be run is missing, each with its reason', async () => {
    const { table, missing, progress } = await build(commandOf('partial'));
    const depthwise = SAMPLE_LAYERS.filter(({ kind }) => kind === 'depthwise').map(({ name }) => name);
    expect(table.layers.map(({ name }) => name)).toEqual(
      SAMPLE_LAYERS.map(({ name }) => name).filter((name) => !depthwise.includes(name)),
    );
    expect(table.layers.at(-1)?.cells.map(pairText)).toEqual(['8/8']);
    expect(table.layers[0]?.cells[0]).toMatchObject({ energyMj: 2, executedWeightBits: 8, latencyMs: 0.55 });
    expect(table.device).toMatchObject({ clock: '1 GHz' });
    expect(missing.filter(({ why }) => why === 'failed').flatMap(({ layers }) => layers)).toEqual(
      depthwise.flatMap((name) => [name, name]),
    );
    expect(missing.filter(({ why }) => why === 'unsupported')).toEqual([
      expect.objectContaining({ weightBits: 4, layers: [SAMPLE_LAYERS.at(-1)?.name], reason: 'no 4-bit GEMM' }),
    ]);
    expect(table.measurement).toMatchObject({ failedCells: 4, unsupportedCells: 1 });
    expect(progress.at(-1)).toMatchObject({ cells: 16, failed: 4, unsupported: 1 });
  });

  it('are tried again, later', async () => {
    const { missing, progress } = await build(commandOf('moody', join(temporary.path, 'seen')));
    expect(missing).toEqual([]);
    expect(progress.filter(({ failures }) => failures.length > 0)).toHaveLength(16);
  });

  it('are tried again by the next build, and only they', async () => {
    const isBad = ({ kind }: Layer) => kind === 'fully-connected';
    const { finish, missing } = await build(toyRunner((layer) => (isBad(layer) ? failed() : 1)).runner);
    await finish();
    expect(missing).toHaveLength(2);
    const { runner, asked } = toyRunner(() => 2);
    const again = await build(runner);
    expect(asked.sort()).toEqual(['7-fully-connected 4/8', '7-fully-connected 8/8']);
    expect(again.resumed).toBe(14);
    await again.finish();
    await expect(readFile(join(temporary.path, 'board.partial'))).rejects.toThrow('ENOENT');
  });

  it('stop everything when there is nothing else', async () => {
    const plan = planTable(SAMPLE_LAYERS, 1, () => gridOf([2, 3, 4, 5, 6, 8], [8]));
    const { runner, asked } = toyRunner(() => failed('the board is off'));
    await expect(build(runner, { plan })).rejects.toMatchObject({
      ...{ kind: 'failed_precondition', reason: 'RUNNER_FAILS', message: expect.stringContaining('the board is off') },
    });
    expect(asked).toHaveLength(20);
  });

  it('of a service are those that it refuses; a service that is away stops everything', async () => {
    const accelerator = createBitProductAccelerator();
    const hardware = createLocalHardware({
      ...accelerator,
      layerCost: (layer, ...rest) => {
        if (layer.kind === 'depthwise') throw new TypeError('a bug of the service');
        return accelerator.layerCost(layer, ...rest);
      },
    });
    const runner = createHardwareRunner({ hardware, name: 'here', device: {}, timeoutMs: 10_000 });
    const { missing } = await build(runner);
    expect(new Set(missing.map(({ why }) => why))).toEqual(new Set(['failed']));
    const gone = { ...hardware, tabulate: () => Promise.reject(Object.assign(new Error(), { name: 'AbortError' })) };
    const away = createHardwareRunner({ hardware: gone, name: 'here', device: {}, timeoutMs: 10_000 });
    await expect(build(away)).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('a build that was interrupted', () => {
  it('goes on where it was: nothing is measured twice, nothing is lost', async () => {
    const cancelling = new AbortController();
    const first = toyRunner((layer, { weightBits }) => {
      if (first.asked.length === 7) cancelling.abort();
      return layer.outChannels / weightBits;
    });
    await expect(build(first.runner, { signal: cancelling.signal })).rejects.toMatchObject({ kind: 'cancelled' });
    const second = toyRunner((layer, { weightBits }) => layer.outChannels / weightBits);
    const { table, resumed } = await build(second.runner, { seed: 5 });
    expect(resumed).toBe(7);
    expect([...first.asked, ...second.asked].sort()).toEqual([...new Set([...first.asked, ...second.asked])].sort());
    for (const layer of table.layers)
      expect(layer.cells.map(({ latencyMs }) => latencyMs)).toEqual([layer.outChannels / 4, layer.outChannels / 8]);
  });

  it('asks only for the samples that are missing', async () => {
    const { runner } = toyRunner(() => 1);
    await build(runner, { effort: { repeats: 2, warmUp: 0, retries: 0 } });
    const more = toyRunner(() => 1);
    await build(more.runner, { effort: { repeats: 3, warmUp: 0, retries: 0 } });
    expect(more.asked).toHaveLength(16);
  });

  it('is not mixed with another network, other bits, another device or another batch', async () => {
    await build(toyRunner(() => 1).runner);
    const refused = (change: Change, name: string) =>
      expect(build(toyRunner(() => 1).runner, change)).rejects.toMatchObject({
        ...{ reason: 'JOURNAL_SETTINGS', message: expect.stringContaining(name) },
      });
    const grid = () => gridOf([4, 8], [8]);
    await refused({ plan: planTable(SAMPLE_LAYERS, 2, grid) }, 'batch 1 there, 2 now');
    await refused({ plan: planTable(SAMPLE_LAYERS, 1, () => gridOf([8], [8])) }, 'bits 4/8, 8/8 there, 8/8 now');
    await refused({ plan: planTable(SAMPLE_LAYERS.slice(1), 1, grid) }, 'layers 8 there, 7 now');
    const { runner } = toyRunner(() => 1);
    const description = { ...(await runner.describe()), version: '2' };
    await refused({ description }, 'hardware toy 1 there, toy 2 now');
  });
});
