import { type BitwrightError, toBitwrightError } from '@bitwright/core';
import { CommanderError } from 'commander';
import { EXIT_CODES, type ExitCode, exitCodeOf } from './exit-codes.js';
import { errorToJson, explainError } from './explain-error.js';
import { createJsonLines } from './json-lines.js';
import { printJson, printLine } from './print.js';
import { createProgram } from './program.js';
import type { Surroundings } from './surroundings.js';
import { toUsageError } from './usage-error.js';

/** Runs one command line (without the program's name); gives the exit code. */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const json = asksForJson(argv);
  const world = json ? { ...surroundings, stderr: createJsonLines(surroundings.stderr) } : surroundings;
  try {
    return await createProgram(world).run(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(toBitwrightError(error), json, world);
    if (error.exitCode === 0) return EXIT_CODES.ok;
    // Commander has written it to standard error.
    if (json) printJson(world.stdout, errorToJson(toUsageError(error)));
    return EXIT_CODES.usage;
  }
}

/** Before the command line is read, so that one that cannot be read is answered as it asks to be. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv[0] !== 'serve' && argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}

function reportFailure(error: BitwrightError, json: boolean, { stdout, stderr, environment }: Surroundings): ExitCode {
  printLine(stderr, explainError(error));
  if (json) printJson(stdout, errorToJson(error));
  if ((environment['BITWRIGHT_DEBUG'] ?? '') !== '') printLine(stderr, stackOf(error));
  return exitCodeOf(error);
}

function stackOf(error: BitwrightError): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return `${error.stack}${cause}`;
}
