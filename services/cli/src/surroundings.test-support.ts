import process from 'node:process';
import type { Surroundings } from './surroundings.js';

/** A world for tests: what was written can be read, nothing is a terminal, nobody interrupts. */
export function fakeSurroundings(change: Partial<Surroundings> = {}) {
  const written = { stdout: '', stderr: '' };
  const outputOf = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const surroundings: Surroundings = {
    stdout: outputOf('stdout'),
    stderr: outputOf('stderr'),
    environment: {},
    folder: '/nowhere',
    interrupted: () => new AbortController().signal,
    process,
    ...change,
  };
  return { surroundings, stdout: () => written.stdout, stderr: () => written.stderr };
}
