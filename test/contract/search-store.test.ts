import { MemorySearchStore, openSearchStore } from '@bitwright/adapters';
import type { SearchSpec } from '@bitwright/core';
import {
  buildSearchRecord,
  buildSearchSpec,
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
