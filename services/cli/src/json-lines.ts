import { stripVTControlCharacters } from 'node:util';
import type { Output } from './surroundings.js';

/** Standard error for programs: an object a line. What a command writes for people becomes `{"note": …}`. */
export function createJsonLines(stderr: Output): Output {
  const toJson = (line: string) => (isObject(line) ? line : JSON.stringify({ note: line }));
  return {
    write: (text) => {
      const lines = stripVTControlCharacters(text).split('\n');
      for (const line of lines) if (line.trim() !== '') stderr.write(`${toJson(line)}\n`);
    },
  };
}

function isObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
