import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BitwrightError, cancelledError, type Provenance } from '@bitwright/core';
import { exportForTiming, exportLayer } from '@bitwright/onnx';
import { describeHost } from '../host-record.js';
import type { CellAnswer, Runner } from '../runner.js';
import { parseCommandAnswer } from './command-answer.js';
import { layerRequestJson, networkRequestJson } from './command-request.js';
import { type CommandEnd, runCommand } from './run-command.js';

export type CommandRunnerOptions = {
  /** A line for the shell. */
  readonly command: string;
  /** The device's name. */
  readonly hardware: string;
  /** What the times are: measured on a device, or simulated by a program. */
  readonly provenance: Exclude<Provenance, 'table'>;
  /** What the user says of the device, by name. */
  readonly device: Readonly<Record<string, string>>;
  /** Of one start of the command. */
  readonly timeoutMs: number;
  /** With `onnx` the command also gets the path of an ONNX file, as its last word. */
  readonly layerFormat: LayerFormat;
};

/** What a command gets a layer as; the JSON on its standard input comes either way. */
export const LAYER_FORMATS = ['json', 'onnx'] as const;
export type LayerFormat = (typeof LAYER_FORMATS)[number];

/** Any command that reads a layer as JSON on its standard input and prints milliseconds. */
export function createCommandRunner(options: CommandRunnerOptions): Runner {
  const { command, hardware, provenance, device, layerFormat } = options;
  const ask = async (input: string, exportModel: () => Uint8Array, signal: AbortSignal | undefined) =>
    layerFormat === 'json'
      ? askCommand(options, input, [], signal)
      : withModelFile(exportModel, (path) => askCommand(options, input, [path], signal));
  return {
    name: command,
    asks: 'cells',
    describe: async () => ({
      ...{ name: hardware, version: '', description: `the command ${command}`, provenance },
      device: { ...(await describeHost()), ...device },
    }),
    measureLayer: async (request, pairs, signal) => {
      const answers: CellAnswer[] = [];
      for (const pair of pairs)
        answers.push(await ask(layerRequestJson(request, pair), () => exportLayer(request.layer, pair), signal));
      return answers;
    },
    measureNetwork: (request, precisions, signal) =>
      ask(networkRequestJson(request, precisions), () => exportForTiming(request.network, precisions), signal),
  };
}

/** Lets `work` have the model as a file of its own. A layer that cannot be written is one that cannot be run. */
async function withModelFile(
  exportModel: () => Uint8Array,
  work: (path: string) => Promise<CellAnswer>,
): Promise<CellAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'bitwright-model-'));
  try {
    const path = join(folder, 'model.onnx');
    await writeFile(path, exportModel());
    return await work(path);
  } catch (error) {
    if (error instanceof BitwrightError && error.kind === 'unsupported')
      return { outcome: 'unsupported', reason: error.message };
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function askCommand(
  { command, timeoutMs }: CommandRunnerOptions,
  input: string,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<CellAnswer> {
  const ended = await runCommand(command, { input, words, timeoutMs, signal });
  switch (ended.end) {
    case 'cancelled':
      throw cancelledError();
    case 'timeout':
      return failed(`took longer than ${timeoutMs / 1000} s`, ended);
    case 'too-long':
      return failed('printed more than 1 MiB', ended);
    case 'exit':
      return answerOf(command, ended);
  }
}

/** What a shell says of a command that it cannot find, or cannot execute. */
const NO_COMMAND_CODES: readonly (number | undefined)[] = [126, 127];

function answerOf(command: string, ended: CommandEnd): CellAnswer {
  if (NO_COMMAND_CODES.includes(ended.code)) {
    const message = `the runner "${command}" cannot be started${tailOf(ended)}`;
    throw new BitwrightError('failed_precondition', 'RUNNER_COMMAND', message);
  }
  if (ended.code !== 0) return failed(ended.code === undefined ? 'was killed' : `exit code ${ended.code}`, ended);
  const answer = parseCommandAnswer(ended.stdout);
  return answer.outcome === 'failed' ? failed(answer.reason, ended) : answer;
}

const failed = (reason: string, ended: CommandEnd): CellAnswer => ({
  outcome: 'failed',
  reason: `${reason}${tailOf(ended)}`,
});

/** Lines of standard error that a message quotes. */
const TAIL_LINES = 3;

function tailOf({ stderr }: CommandEnd): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.length === 0 ? '' : `: ${lines.slice(-TAIL_LINES).join(' | ')}`;
}
