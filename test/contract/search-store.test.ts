import { MemorySearchStore, openSearchStore } from '@bitwright/adapters';
import { describeSearchStore, findPostgres, launchPostgres, makeTemporaryFolder } from '@bitwright/testing';
import { afterAll, describe } from 'vitest';

describeSearchStore('MemorySearchStore', () => new MemorySearchStore());

describeSearchStore('SqlSearchStore on the embedded PostgreSQL in memory', () => openSearchStore({ url: 'memory:' }));

describe('in a folder', async () => {
  const folder = await makeTemporaryFolder();
  afterAll(folder.remove);
  describeSearchStore('SqlSearchStore on the embedded PostgreSQL', () => openSearchStore({ url: folder.path }));
});

describe.skipIf(findPostgres(process.env) === undefined)('with a server', async () => {
  const server = await launchPostgres();
  afterAll(() => server?.stop());
  describeSearchStore('SqlSearchStore on a PostgreSQL server', () => openSearchStore({ url: server?.url ?? '' }));
});
