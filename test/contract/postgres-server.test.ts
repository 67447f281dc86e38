import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSearchStore } from '@bitwright/adapters';
import type { SearchStore } from '@bitwright/core';
import {
  buildSearchRecord,
  buildSearchSpec,
  buildTrial,
  findFreePort,
  findPostgres,
  launchPostgres,
  type PostgresServer,
} from '@bitwright/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../libs/adapters/src/sql/migrations.js';
import { openServerDatabase } from '../../libs/adapters/src/sql/server-database.js';
import { SqlSearchStore } from '../../libs/adapters/src/sql/sql-search-store.js';

describe.skipIf(findPostgres(process.env) === undefined)('the store on a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = (await launchPostgres()) as PostgresServer;
  });
  afterAll(() => server.stop());

  /** An empty database of its own; gives its URL. */
  async function createDatabase(name: string): Promise<string> {
    await runSql(server.url, `CREATE DATABASE ${name}`);
    return server.url.replace(/postgres$/, name);
  }

  it('is brought up to date once when several agents start together', async () => {
    const url = await createDatabase('together');
    const stores = await Promise.all(Array.from({ length: 4 }, () => openShared(url)));
    const record = await stores[0]?.create(buildSearchRecord());
    for (const store of stores) expect(await store.get(record?.id ?? '')).toEqual(record);
    await Promise.all(stores.map((store) => store.close()));
    const versions = [{ version: 1 }, { version: 2 }, { version: 3 }, { version: 4 }, { version: 5 }, { version: 6 }];
    expect(await runSql(url, 'SELECT version FROM bitwright.migrations')).toEqual(versions);
  });

  /** As version 3 left the database. */
  async function forgetLaterVersions(url: string): Promise<void> {
    await runSql(url, 'DROP TABLE bitwright.events, bitwright.search_artifacts, bitwright.identity');
    await runSql(url, 'DROP TABLE bitwright.measurements, bitwright.measured_lines');
    await runSql(url, 'DELETE FROM bitwright.migrations WHERE version > 3');
  }

  it('knows what the searches of an earlier version refer to', async () => {
    const url = await createDatabase('referring');
    const earlier = await openSearchStore({ url });
    const digests = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
    const options = { text: 'nul \u0000' };
    const spec = buildSearchSpec({
      model: { kind: 'artifact', digest: digests[0] },
      strategy: { name: 'haq', options },
    });
    const { id } = await earlier.create(buildSearchRecord({ spec }));
    await earlier.addTrials(id, [buildTrial(id, 0, { checkpointDigest: digests[1] })], undefined);
    await earlier.saveReport(id, JSON.stringify({ exported: { onnxDigest: digests[2] }, options }));
    await earlier.close();
    await forgetLaterVersions(url);

    const store = await openSearchStore({ url });
    expect([...(await store.artifacts()).digests].sort()).toEqual(digests);
    await store.close();
  });

  it('keeps the trials of an earlier version, whose losses at the best temperature are not known', async () => {
    const url = await createDatabase('earlier');
    const earlier = await openSearchStore({ url });
    const { id } = await earlier.create(buildSearchRecord());
    const stored = buildTrial(id, 0);
    await earlier.addTrials(id, [stored], undefined);
    await earlier.close();
    await runSql(url, 'ALTER TABLE bitwright.trials DROP COLUMN calibrated_loss');
    await runSql(url, 'ALTER TABLE bitwright.trials DROP COLUMN validation_calibrated_loss');
    await forgetLaterVersions(url);
    await runSql(url, 'DELETE FROM bitwright.migrations WHERE version = 3');

    const store = await openSearchStore({ url });
    const later = buildTrial(id, 1, { validationCalibratedLoss: 0.25 });
    await store.addTrials(id, [later], undefined);
    expect(await store.trials(id)).toEqual([{ ...stored, calibratedLoss: undefined }, later]);
    await store.close();
  });

  it('waits for a server that restarts in the middle', async () => {
    const url = await createDatabase('restarted');
    const store = await openSearchStore({ url });
    const { id } = await store.create(buildSearchRecord());
    await store.addTrials(id, [buildTrial(id, 0)], undefined);
    await server.kill();
    const writing = store.addTrials(id, [buildTrial(id, 1)], Uint8Array.of(1));
    await server.start();
    await writing;
    expect((await store.trials(id)).map(({ index }) => index)).toEqual([0, 1]);
    await store.close();
  });

  it('outlives a server that dies between two statements of a transaction', async () => {
    const database = openServerDatabase(await createDatabase('between'));
    let attempts = 0;
    const rows = await database.transaction(async (session) => {
      attempts += 1;
      await session.query('SELECT 1');
      if (attempts === 1) {
        await server.kill();
        await sleep(200);
        await server.start();
      }
      return session.query('SELECT 2 AS two');
    });
    expect({ rows, attempts }).toEqual({ rows: [{ two: 2 }], attempts: 2 });
    await database.close();
  });

  it('creates one search when two agents get the same request at once', async () => {
    const url = await createDatabase('raced');
    const stores = [await openShared(url), await openShared(url)] as const;
    const { requestId } = buildSearchRecord();
    const records = Array.from({ length: 10 }, () => buildSearchRecord({ requestId }));
    const created = await Promise.all(records.map((record, index) => stores[index % 2 === 0 ? 0 : 1].create(record)));
    expect(new Set(created.map(({ id }) => id)).size).toBe(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('is refused when a newer Bitwright wrote it', async () => {
    const url = await createDatabase('newer');
    await (await openSearchStore({ url })).close();
    await runSql(url, "INSERT INTO bitwright.migrations (version, name) VALUES (99, 'from the future')");
    await expect(openSearchStore({ url })).rejects.toMatchObject({
      kind: 'failed_precondition',
      reason: 'SCHEMA_NEWER',
    });
  });

  it('serves a user who may use the schema and not create one', async () => {
    const url = await createDatabase('limited');
    await (await openSearchStore({ url })).close();
    await runSql(url, 'CREATE ROLE clerk LOGIN');
    await runSql(url, 'GRANT USAGE ON SCHEMA bitwright TO clerk');
    await runSql(url, 'GRANT ALL ON ALL TABLES IN SCHEMA bitwright TO clerk');
    const store = await openSearchStore({ url: url.replace('bitwright@', 'clerk@') });
    const record = await store.create(buildSearchRecord());
    expect(await store.get(record.id)).toEqual(record);
    await store.close();
  });

  it('says that the database is missing', async () => {
    const url = server.url.replace(/postgres$/, 'nowhere');
    await expect(openSearchStore({ url })).rejects.toMatchObject({ reason: 'DATABASE_MISSING' });
  });
});

describe('a PostgreSQL server that is not there', () => {
  it('is "unavailable" after some seconds, and the message holds no password', async () => {
    const url = `postgres://someone:s3cret@127.0.0.1:${await findFreePort()}/searches?application_name=s3cret`;
    const error = await openSearchStore({ url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'unavailable', reason: 'DATABASE_UNAVAILABLE' });
    expect(String(error)).toContain('127.0.0.1');
    expect(String(error)).not.toContain('s3cret');
  });
});

describe('a PostgreSQL server that stops answering', () => {
  it('is "unavailable" once a statement had its time, in a transaction, too', async () => {
    const server = await serveSilence();
    const database = openServerDatabase(server.url, 100);
    const unavailable = { kind: 'unavailable', reason: 'DATABASE_UNAVAILABLE' };
    const startedAt = Date.now();
    await Promise.all([
      expect(database.query('SELECT 1')).rejects.toMatchObject(unavailable),
      expect(database.transaction((session) => session.query('SELECT 1'))).rejects.toMatchObject(unavailable),
    ]);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    await database.close();
    server.stop();
  }, 20_000);
});

/** Takes connections as PostgreSQL does, and then hears nothing. */
async function serveSilence(): Promise<{ readonly url: string; stop(): void }> {
  const authenticated = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
  const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(Buffer.concat([authenticated, ready])));
    socket.resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `postgres://someone:s3cret@127.0.0.1:${port}/searches`, stop: () => void server.close() };
}

/** The store as `openSearchStore` gives it, but for the lock that keeps it for one agent. */
async function openShared(url: string): Promise<SearchStore> {
  const database = openServerDatabase(url);
  await migrate(database);
  return new SqlSearchStore(database);
}

async function runSql(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
