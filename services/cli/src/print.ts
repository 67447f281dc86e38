import type { Output } from './surroundings.js';

/** The one document of `--json`. What is undefined is left out. */
export function printJson(stdout: Output, content: unknown): void {
  stdout.write(`${JSON.stringify(content, null, 2)}\n`);
}

/** A line for people. */
export function printLine(output: Output, text: string): void {
  output.write(`${text}\n`);
}
