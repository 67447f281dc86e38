import { MemorySearchStore, openSearchStore } from '@bitwright/adapters';
import type { SearchSpec } from '@bitwright/core';
import {
  buildSearchRecord,
  buildSearchSpec,
  buildTrial,
  describeSearchStore,
  findPostgres,
  launchPostgres,
  makeTemporaryFolder,
} from '@bitwright/testing';
import { afterAll, describe, expect, it } from 'vitest';

describeSearchStore('MemorySearchStore', () => new MemorySearchStore());

describeSearchStore('SqlSearchStore on the embedded PostgreSQL in memory', () => openSearchStore({ url: 'memory:' }));

describe('in a folder', async () => {
  const folder = await makeTemporaryFolder();
  afterAll(folder.remove);
  describeSearchStore('SqlSearchStore on the embedded PostgreSQL', () => openSearchStore({ url: folder.path }));
});

describe.each([
  ['MemorySearchStore', () => new MemorySearchStore()],
  ['SqlSearchStore', () => openSearchStore({ url: 'memory:' })],
])('a request that comes again, in %s', (_, open) => {
  it('is found by its id, and refused when it asks for something else', async () => {
    const store = await open();
    const { requestId, spec } = buildSearchRecord();
    expect(await store.findByRequest({ requestId, spec })).toBeUndefined();
    const created = await store.create(buildSearchRecord({ requestId, spec }));
    expect(await store.findByRequest({ requestId, spec })).toEqual(created);
    const other = store.findByRequest({ requestId, spec: buildSearchSpec({ seed: 2 }) });
    await expect(other).rejects.toMatchObject({ kind: 'already_exists', reason: 'REQUEST_ID_REUSED' });
    await store.close();
  });
});

describe.each([
  ['MemorySearchStore', () => new MemorySearchStore()],
  ['SqlSearchStore', () => openSearchStore({ url: 'memory:' })],
])('trials, in %s', (_, open) => {
  it('are given in pages', async () => {
    const store = await open();
    const { id } = await store.create(buildSearchRecord());
    for (const index of [3, 0, 2, 1]) await store.addTrials(id, [buildTrial(id, index)], undefined);
    const pageFrom = async (index: number) => (await store.trials(id, index, 2)).map((trial) => trial.index);
    expect([await pageFrom(0), await pageFrom(2), await pageFrom(3), await pageFrom(4)]).toEqual([
      ...[[0, 1], [2, 3], [3], []],
    ]);
    await store.close();
  });
});

describe('a search that an earlier version stored', () => {
  it('has its single hardware target as a list of one, and is the same search when asked again', async () => {
    const store = await openSearchStore({ url: 'memory:' });
    const spec = buildSearchSpec({ hardware: [{ name: 'bismo-edge', batch: 4 }] });
    const asItWas = { ...spec, hardware: spec.hardware[0] } as unknown as SearchSpec;
    const { id, requestId } = await store.create(buildSearchRecord({ spec: asItWas }));
    expect((await store.get(id)).spec).toEqual(spec);
    expect((await store.list({}, 10)).searches[0]?.spec.hardware).toEqual(spec.hardware);
    expect((await store.create(buildSearchRecord({ requestId, spec }))).id).toBe(id);
    await store.close();
  });
});

describe.skipIf(findPostgres(process.env) === undefined)('with a server', async () => {
  const server = await launchPostgres();
  afterAll(() => server?.stop());
  describeSearchStore('SqlSearchStore on a PostgreSQL server', () => openSearchStore({ url: server?.url ?? '' }));
});
