import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selectAccelerators } from '@bitwright/accelerators';
import { RemoteHardwareCatalog } from '@bitwright/adapters';
import { uniformPolicy } from '@bitwright/core';
import { formatTable, TABLE_LIMITS, toLookupTable } from '@bitwright/cost-tables';
import { type Accelerator, createLocalHardware } from '@bitwright/hardware-kit';
import { SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { createLogger, readConfig, SERVICE_FIELDS } from '@bitwright/service-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HARDWARE_FIELDS, type HardwareConfig } from './config.js';
import { composeHardware } from './service.js';
import { openTables } from './table-files.js';

const [bismo] = selectAccelerators(['bismo-cloud']) as readonly [Accelerator];
const costs = await createLocalHardware(bismo).tabulate(SAMPLE_LAYERS);
const table = toLookupTable(costs, SAMPLE_LAYERS, bismo.capabilities);

let folder: string;
let board: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-tables-'));
  board = join(folder, 'board.json');
  await writeFile(board, formatTable(table, 'json'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const namesOf = async (...settings: string[]) =>
  (await openTables(settings, 'refuse')).map(({ capabilities }) => capabilities.name);

describe('the files of cost tables', () => {
  it('name their targets, unless the setting does', async () => {
    const odd = join(folder, 'My Board (v2).CSV');
    await writeFile(odd, formatTable(table, 'csv'));
    expect(await namesOf(board, odd, `edge=${board}`)).toEqual(['board', 'my-board-v2', 'edge']);
  });

  it('are refused by name when they cannot be read or are none', async () => {
    await writeFile(join(folder, 'cut.json'), formatTable(table, 'json').subarray(0, 1000));
    await writeFile(join(folder, 'haq.npy'), formatTable(table, 'npy'));
    await writeFile(join(folder, 'huge.csv'), '');
    await truncate(join(folder, 'huge.csv'), TABLE_LIMITS.fileBytes + 1);
    await writeFile(join(folder, '-.json'), '{}');
    const cases: [string, string][] = [
      ['absent.json', 'absent.json: cannot be read: there is no such file'],
      ['', 'cannot be read: it is a folder'],
      ['cut.json', 'cut.json: is no JSON'],
      ['haq.npy', 'haq.npy: says nothing of its layers; make a table of it with `bitwright hardware convert`'],
      ['huge.csv', `huge.csv: has ${TABLE_LIMITS.fileBytes + 1} bytes; the limit is ${TABLE_LIMITS.fileBytes}`],
      ['-.json', '-.json: gives the target no name; write NAME=FILE'],
    ];
    for (const [file, message] of cases) {
      const opening = openTables([board, join(folder, file)], 'refuse');
      await expect(opening).rejects.toThrow(message);
      await expect(opening).rejects.toMatchObject({ kind: 'invalid_argument' });
    }
  });
});

describe('a hardware service with a table', () => {
  const logger = createLogger({ service: 'hardware', level: 'error' });
  const configOf = (...flags: string[]) =>
    readConfig(
      { ...HARDWARE_FIELDS, ...SERVICE_FIELDS },
      {
        flags: ['--listen', '127.0.0.1:0', '--drain-seconds', '0', ...flags],
        environment: { BITWRIGHT_TABLES: board },
      },
    ) as HardwareConfig;

  it('hosts it beside its accelerators: the same costs, from a table', async () => {
    const service = await composeHardware(
      configOf('--accelerators', 'bismo-edge,bismo-cloud', '--missing-costs', 'interpolate'),
      logger,
    );
    const catalog = new RemoteHardwareCatalog([service.address]);
    try {
      expect((await catalog.list()).map(({ name, provenance }) => [name, provenance])).toEqual([
        ['bismo-edge', 'simulated'],
        ['bismo-cloud', 'simulated'],
        ['board', 'table'],
      ]);
      const [fromTable, simulated] = await Promise.all(
        ['board', 'bismo-cloud'].map(async (name) => (await catalog.open(name)).tabulate(SAMPLE_LAYERS)),
      );
      expect(fromTable).toEqual({ ...simulated, hardware: 'board', provenance: 'table' });
      const target = await catalog.open('board');
      expect((await target.describe()).description).toContain('missing pairs of bits are interpolated');
      const outside = SAMPLE_LAYERS.map((layer) => ({ ...layer, outChannels: layer.outChannels * 2 }));
      await expect(target.tabulate(outside)).rejects.toMatchObject({
        kind: 'unsupported',
        reason: 'LAYER_NOT_IN_TABLE',
        message: expect.stringMatching(/^layer 0 \(0-convolution\): board has no cost of convolution 3 to 64/),
      });
      const policy = uniformPolicy(SAMPLE_LAYERS.length, 4);
      for await (const { latencyMs } of target.evaluate(SAMPLE_LAYERS, [policy])) expect(latencyMs).toBeGreaterThan(0);
    } finally {
      catalog.close();
      await service.close();
    }
  });

  it('does not start with a broken table, or with two targets of one name', async () => {
    await expect(composeHardware(configOf('--tables', join(folder, 'absent.csv')), logger)).rejects.toThrow(
      'absent.csv',
    );
    await expect(composeHardware(configOf('--tables', `bismo-edge=${board}`), logger)).rejects.toThrow(
      'two accelerators are named "bismo-edge"',
    );
  });
});
