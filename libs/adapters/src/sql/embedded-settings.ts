import { PGlite, type PGliteOptions } from '@electric-sql/pglite';

/** Major version of the PostgreSQL inside PGlite, as a data folder's PG_VERSION gives it. */
export const EMBEDDED_POSTGRES_VERSION = '18';

/** For one small process of its own. */
const SETTINGS = [
  // in WebAssembly fdatasync, the default, does nothing
  'wal_sync_method=fsync',
  'shared_buffers=16MB',
  'min_wal_size=32MB',
  'max_wal_size=64MB',
];

const BYTEA = 17;

/** Bytes travel as they are: PGlite's own hex text takes half a second for 2 MB. Its type does not say that it may. */
const serializers = { [BYTEA]: (bytes: Uint8Array) => bytes } as unknown as NonNullable<PGliteOptions['serializers']>;
const parsers = { [BYTEA]: (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')) };

/** How the embedded PostgreSQL runs in memory. */
export const memoryOptions: PGliteOptions = { parsers, serializers };

/** How it runs on a folder: unlike PGlite's default (`-F`), a commit waits for the disk. */
export function durableOptions(): PGliteOptions {
  const startParams = PGlite.defaultStartParams.filter((param) => param !== '-F');
  return { ...memoryOptions, startParams: [...startParams, ...SETTINGS.flatMap((setting) => ['-c', setting])] };
}
