import type { BitwrightError } from '@bitwright/core';

/** What `bitwright` exits with; docs/cli.md is the table for people. */
export const EXIT_CODES = {
  /** The command did what it was asked. */
  ok: 0,
  /** The search or the program failed. */
  failed: 1,
  /** The command line, a configuration file or an input cannot be used as given. */
  usage: 2,
  /** No policy can meet the budget; the message names the smallest reachable value. */
  infeasible: 3,
  /** No such search, network, data set, hardware or strategy. */
  notFound: 4,
  /** A service cannot be reached, is busy or took too long; the folder or the database is in use by another process. */
  unavailable: 5,
  /** Ended by Ctrl-C or a signal, or the search that was followed was cancelled; the best so far is kept. */
  cancelled: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const BY_REASON: Readonly<Record<string, ExitCode>> = {
  BUDGET_INFEASIBLE: EXIT_CODES.infeasible,
  DATABASE_IN_USE: EXIT_CODES.unavailable,
  FOLDER_IN_USE: EXIT_CODES.unavailable,
  MODEL_UNTRAINED: EXIT_CODES.usage,
};

const BY_KIND: Readonly<Record<BitwrightError['kind'], ExitCode>> = {
  invalid_argument: EXIT_CODES.usage,
  unsupported: EXIT_CODES.usage,
  already_exists: EXIT_CODES.usage,
  not_found: EXIT_CODES.notFound,
  unavailable: EXIT_CODES.unavailable,
  resource_exhausted: EXIT_CODES.unavailable,
  deadline_exceeded: EXIT_CODES.unavailable,
  cancelled: EXIT_CODES.cancelled,
  failed_precondition: EXIT_CODES.failed,
  aborted: EXIT_CODES.failed,
  data_loss: EXIT_CODES.failed,
  internal: EXIT_CODES.failed,
};

/** The exit code for an error. */
export function exitCodeOf({ kind, reason }: Pick<BitwrightError, 'kind' | 'reason'>): ExitCode {
  return BY_REASON[reason] ?? BY_KIND[kind];
}
