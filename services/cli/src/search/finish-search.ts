import type { AgentClient } from '@bitwright/client';
import { BitwrightError, type Report, type SearchFailure, type SearchState } from '@bitwright/core';
import type { Invocation } from '../command.js';
import { EXIT_CODES, type ExitCode, exitCodeOf } from '../exit-codes.js';
import { nameFlags } from '../flag-of-field.js';
import { printJson, printLine } from '../print.js';
import { filesText } from '../terminal/files-text.js';
import { reportText } from '../terminal/report-text.js';
import { outputFolder } from './output-folder.js';
import { type ResultFiles, saveResult } from './save-result.js';

/** How a search ended. */
export type SearchEnd = {
  readonly searchId: string;
  readonly state: SearchState;
  readonly failure?: SearchFailure | undefined;
};

/** Saves and shows what an ended search has found, says how to go on, and gives the exit code. */
export async function finishSearch(
  agent: AgentClient,
  end: SearchEnd,
  out: string | undefined,
  { json, surroundings }: Pick<Invocation, 'json' | 'surroundings'>,
): Promise<ExitCode> {
  const report = await reportIfAny(agent, end.searchId);
  const folder = outputFolder(out, end.searchId, surroundings.folder);
  const files = report === undefined ? undefined : await saveResult(report, agent.artifacts, folder);
  const { searchId, state, failure } = end;
  if (json) printJson(surroundings.stdout, { searchId, state, failure, files, report });
  else if (report !== undefined && files !== undefined) printResult(report, files, surroundings);
  if (end.state !== 'completed') explainEarlyEnd(end, report !== undefined, surroundings.stderr);
  return codeOf(end);
}

function printResult(report: Report, files: ResultFiles, { stdout, folder }: Invocation['surroundings']): void {
  printLine(stdout, `\n${reportText(report, stdout.columns)}`);
  printLine(stdout, filesText(files, report, folder));
}

function explainEarlyEnd(
  { searchId, state, failure }: SearchEnd,
  hasBest: boolean,
  stderr: Invocation['surroundings']['stderr'],
): void {
  const kept = hasBest ? 'the best so far is kept' : 'nothing that fits had been measured yet';
  printLine(
    stderr,
    state === 'failed'
      ? `The search failed: ${nameFlags(failure?.message ?? 'no reason given')}; ${kept}.`
      : `Cancelled; ${kept}.`,
  );
  printLine(stderr, `Go on with it: bitwright resume ${searchId}`);
}

async function reportIfAny(agent: AgentClient, searchId: string): Promise<Report | undefined> {
  try {
    return await agent.getReport(searchId);
  } catch (error) {
    if (error instanceof BitwrightError && error.reason === 'NO_REPORT') return undefined;
    throw error;
  }
}

function codeOf({ state, failure }: SearchEnd): ExitCode {
  if (state === 'completed') return EXIT_CODES.ok;
  if (state === 'cancelled') return EXIT_CODES.cancelled;
  return failure === undefined ? EXIT_CODES.failed : exitCodeOf(failure as BitwrightError);
}
