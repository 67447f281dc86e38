import { BitwrightError } from '@bitwright/core';
import type { SqlDatabase, SqlSession } from './database.js';

/** One step of the schema. A step that was released is never changed: add another. */
type Migration = { readonly name: string; readonly statements: readonly string[] };

const MIGRATIONS: readonly Migration[] = [
  {
    name: 'searches, trials, snapshots, reports',
    statements: [
      `CREATE TABLE bitwright.searches (
        sort_order bigint GENERATED ALWAYS AS IDENTITY,
        id text PRIMARY KEY,
        request_id text NOT NULL UNIQUE,
        spec json NOT NULL,
        state text NOT NULL,
        phase text NOT NULL,
        failure json,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      )`,
      'CREATE INDEX searches_newest ON bitwright.searches (created_at DESC, sort_order DESC)',
      `CREATE TABLE bitwright.trials (
        search_id text NOT NULL REFERENCES bitwright.searches (id),
        trial_index integer NOT NULL CHECK (trial_index >= 0),
        role text NOT NULL,
        origin text NOT NULL,
        policy_hash text NOT NULL,
        policy json,
        cost json NOT NULL,
        feasible boolean NOT NULL,
        accuracy double precision,
        validation_accuracy double precision,
        split text NOT NULL,
        samples integer NOT NULL,
        seconds double precision NOT NULL,
        checkpoint_digest text,
        error text,
        finished_at timestamptz NOT NULL,
        PRIMARY KEY (search_id, trial_index)
      )`,
      `CREATE TABLE bitwright.snapshots (
        search_id text PRIMARY KEY REFERENCES bitwright.searches (id),
        content bytea NOT NULL
      )`,
      // parameters of a network do not compress: trying costs more than it saves
      'ALTER TABLE bitwright.snapshots ALTER COLUMN content SET STORAGE EXTERNAL',
      `CREATE TABLE bitwright.reports (
        search_id text PRIMARY KEY REFERENCES bitwright.searches (id),
        report text NOT NULL
      )`,
    ],
  },
  {
    name: 'what policies are computed from',
    statements: [
      `CREATE TABLE bitwright.policy_bases (
        search_id text PRIMARY KEY REFERENCES bitwright.searches (id),
        basis text NOT NULL
      )`,
    ],
  },
  {
    name: 'losses of trials at their best temperature',
    statements: [
      `ALTER TABLE bitwright.trials
        ADD COLUMN calibrated_loss double precision,
        ADD COLUMN validation_calibrated_loss double precision`,
    ],
  },
  {
    name: 'events that are not sent yet, and the artifacts that searches refer to',
    statements: [
      // of no search: what tells that one was deleted outlives it
      `CREATE TABLE bitwright.events (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id text NOT NULL UNIQUE,
        kind text NOT NULL,
        subject text NOT NULL,
        time timestamptz NOT NULL,
        attributes json NOT NULL
      )`,
      `CREATE TABLE bitwright.search_artifacts (
        search_id text NOT NULL REFERENCES bitwright.searches (id),
        digest text NOT NULL,
        PRIMARY KEY (search_id, digest)
      )`,
      'CREATE INDEX search_artifacts_digest ON bitwright.search_artifacts (digest)',
      `INSERT INTO bitwright.search_artifacts (search_id, digest)
        SELECT search_id, checkpoint_digest FROM bitwright.trials WHERE checkpoint_digest IS NOT NULL
        UNION SELECT id, (regexp_matches(spec::text, '"([0-9a-f]{64})"', 'g'))[1] FROM bitwright.searches
        UNION SELECT search_id, (regexp_matches(report, '"([0-9a-f]{64})"', 'g'))[1] FROM bitwright.reports`,
      // how a folder of artifacts knows one database from another
      'CREATE TABLE bitwright.identity (id text PRIMARY KEY)',
      `INSERT INTO bitwright.identity (id) VALUES (md5(clock_timestamp()::text || random()::text || random()::text))`,
    ],
  },
  {
    name: 'measurements of layers that are under way',
    statements: [
      `CREATE TABLE bitwright.measurements (
        search_id text PRIMARY KEY REFERENCES bitwright.searches (id),
        seconds double precision NOT NULL
      )`,
      `CREATE TABLE bitwright.measured_lines (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        search_id text NOT NULL REFERENCES bitwright.searches (id),
        line text NOT NULL
      )`,
      'CREATE INDEX measured_lines_search ON bitwright.measured_lines (search_id, position)',
    ],
  },
  {
    name: 'the agent that may write',
    statements: ['ALTER TABLE bitwright.identity ADD COLUMN agent text'],
  },
];

/** Version of the schema that this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Any number that no other program takes: agents that start together migrate one after the other. */
const MIGRATION_LOCK = 7_741_016_523;

/**
 * Brings the schema `bitwright` up to date, in one transaction. Throws `failed_precondition` `SCHEMA_NEWER` when
 * a later version of Bitwright wrote it.
 */
export async function migrate(database: SqlDatabase): Promise<void> {
  await database.transaction(async (session) => {
    await session.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await createMigrationTable(session);
    const [row] = await session.query('SELECT coalesce(max(version), 0) AS version FROM bitwright.migrations');
    const version = Number(row?.['version']);
    if (version > SCHEMA_VERSION) throw schemaNewer(version);
    for (let step = version; step < SCHEMA_VERSION; step += 1) await apply(session, step);
  });
}

/** Asks before it creates: a user without the right to create schemas may use one that is there. */
async function createMigrationTable(session: SqlSession): Promise<void> {
  const [found] = await session.query("SELECT to_regclass('bitwright.migrations') IS NOT NULL AS present");
  if (found?.['present'] === true) return;
  const [schema] = await session.query("SELECT to_regnamespace('bitwright') IS NOT NULL AS present");
  if (schema?.['present'] !== true) await session.query('CREATE SCHEMA bitwright');
  await session.query(`CREATE TABLE bitwright.migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
}

async function apply(session: SqlSession, step: number): Promise<void> {
  const migration = MIGRATIONS[step] as Migration;
  for (const statement of migration.statements) await session.query(statement);
  const values = [step + 1, migration.name];
  await session.query('INSERT INTO bitwright.migrations (version, name) VALUES ($1, $2)', values);
}

function schemaNewer(version: number): BitwrightError {
  const message = `the search store has schema version ${version}, this Bitwright knows ${SCHEMA_VERSION}; use the newer Bitwright`;
  return new BitwrightError('failed_precondition', 'SCHEMA_NEWER', message);
}
