/** A value that a statement takes. */
export type SqlValue = string | number | boolean | null | Date | Uint8Array;

export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs one statement with its `$1`, `$2`, … and gives the rows. */
export interface SqlSession {
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/**
 * PostgreSQL, wherever it runs. A statement outside `transaction` is a transaction of its own; one that returned has
 * reached the disk. Throws `unavailable` when the server cannot be reached, `aborted` when a transaction lost a race,
 * `resource_exhausted` when disk or memory is full, `data_loss` when stored data is damaged.
 */
export interface SqlDatabase extends SqlSession {
  /** Commits when `work` returns and rolls back when it throws. `work` may run again when the connection was lost. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
