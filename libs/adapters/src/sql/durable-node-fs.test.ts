import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DurableNodeFS } from './durable-node-fs.js';
import { durableOptions, EMBEDDED_POSTGRES_VERSION } from './embedded-settings.js';

describe('the embedded PostgreSQL on a folder', () => {
  let folder: string;
  let files: DurableNodeFS;
  let database: PGlite;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitwright-durable-'));
    files = new DurableNodeFS(folder);
    database = await PGlite.create({ ...durableOptions(), fs: files });
    await database.exec('CREATE TABLE kept (id integer PRIMARY KEY, content bytea)');
  }, 180_000);
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('puts every commit on the disk before it returns', async () => {
    for (let id = 0; id < 5; id += 1) {
      const before = files.syncs;
      await database.query('INSERT INTO kept (id) VALUES ($1)', [id]);
      expect(files.syncs).toBeGreaterThan(before);
    }
  });

  it('takes and gives bytes as they are', async () => {
    const content = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
    await database.query('INSERT INTO kept (id, content) VALUES (100, $1)', [content.subarray(1)]);
    const { rows } = await database.query<{ content: Uint8Array }>('SELECT content FROM kept WHERE id = 100');
    expect(rows[0]?.content).toEqual(content.slice(1));
  });

  it('is of the version that data folders are checked for', async () => {
    const { rows } = await database.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    expect(rows[0]?.version.split('.')[0]).toBe(EMBEDDED_POSTGRES_VERSION);
  });
});
