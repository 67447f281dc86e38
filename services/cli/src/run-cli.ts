import { type BitwrightError, toBitwrightError } from '@bitwright/core';
import { CommanderError } from 'commander';
import { EXIT_CODES, type ExitCode, exitCodeOf } from './exit-codes.js';
import { errorToJson, explainError } from './explain-error.js';
import { createProgram } from './program.js';
import type { Surroundings } from './surroundings.js';

/** Runs one command line (without the program's name); gives the exit code. */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await createProgram(surroundings).run(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    return reportFailure(error, argv, surroundings);
  }
}

function reportFailure(
  thrown: unknown,
  argv: readonly string[],
  { stdout, stderr, environment }: Surroundings,
): ExitCode {
  const error = toBitwrightError(thrown);
  stderr.write(`${explainError(error)}\n`);
  if (argv.includes('--json')) stdout.write(`${JSON.stringify(errorToJson(error))}\n`);
  if ((environment['BITWRIGHT_DEBUG'] ?? '') !== '') stderr.write(`${stackOf(error)}\n`);
  return exitCodeOf(error);
}

function stackOf(error: BitwrightError): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return `${error.stack}${cause}`;
}
