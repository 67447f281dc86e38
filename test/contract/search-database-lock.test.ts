import { openSearchStore } from '@bitwright/adapters';
import { buildSearchRecord, findPostgres, launchPostgres, type PostgresServer, waitUntil } from '@bitwright/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe.skipIf(findPostgres(process.env) === undefined)('a database on a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = (await launchPostgres()) as PostgresServer;
  });
  afterAll(() => server.stop());

  it('is for one agent, and for the next one once that has stopped', async () => {
    const first = await openSearchStore({ url: server.url });
    const refused = openSearchStore({ url: server.url });
    await expect(refused).rejects.toMatchObject({ kind: 'failed_precondition', reason: 'DATABASE_IN_USE' });
    await expect(refused).rejects.toThrow(/^another agent uses the database postgres:\/\/127\.0\.0\.1:\d+\/postgres; /);
    const record = await first.create(buildSearchRecord());
    const second = openSearchStore({ url: server.url });
    await first.close();
    expect(await (await second).get(record.id)).toEqual(record);
    await (await second).close();
  });

  it('is taken again after its server restarted', async () => {
    const notices: string[] = [];
    const store = await openSearchStore({ url: server.url, onNotice: (notice) => notices.push(notice) });
    await server.kill();
    await server.start();
    await waitUntil('the lock to be taken again', () => notices.length === 2);
    expect(notices).toEqual([
      expect.stringMatching(/^the connection that keeps other agents from the database .* was lost$/),
      expect.stringMatching(/^the database .* is kept from other agents again$/),
    ]);
    await expect(openSearchStore({ url: server.url })).rejects.toMatchObject({ reason: 'DATABASE_IN_USE' });
    await store.close();
  });

  it('is written no more by an agent that lost it to another one, until it has it again', async () => {
    const notices: string[] = [];
    const store = await openSearchStore({ url: server.url, onNotice: (notice) => notices.push(notice) });
    const { id } = await store.create(buildSearchRecord());
    const other = new pg.Client({ connectionString: server.url });
    await other.connect();
    const taken = other.query('SELECT pg_advisory_lock(7741016524)');
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bitwright lock'",
    );
    await taken;
    await other.query("UPDATE bitwright.identity SET agent = 'another'");
    const refused = store.update(id, { state: 'completed' });
    await expect(refused).rejects.toMatchObject({ kind: 'failed_precondition', reason: 'DATABASE_IN_USE' });
    await expect(store.addTrials(id, [], Uint8Array.of(1))).rejects.toMatchObject({ reason: 'DATABASE_IN_USE' });
    expect(await store.get(id)).toMatchObject({ state: 'pending' });
    await other.end();
    await waitUntil('the lock to be taken again', () => notices.length >= 2 && /again$/.test(notices.at(-1) ?? ''));
    expect(await store.update(id, { state: 'running' })).toMatchObject({ state: 'running' });
    await admin.end();
    await store.close();
  });

  it('is said to be in use by two when another agent was faster', async () => {
    const notices: string[] = [];
    const store = await openSearchStore({ url: server.url, onNotice: (notice) => notices.push(notice) });
    // Who asks for the lock before the first one's session ends is next in line.
    const faster = new pg.Client({ connectionString: server.url });
    await faster.connect();
    const taken = faster.query('SELECT pg_advisory_lock(7741016524)');
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bitwright lock'",
    );
    await taken;
    await waitUntil('the other agent to be seen', () => notices.length === 2);
    expect(notices[1]).toMatch(/^another agent uses the database .* now; stop one of them$/);
    await faster.end();
    await waitUntil('the lock to be taken again', () => notices.length === 3);
    await admin.end();
    await store.close();
  });
});
