import { resolve } from 'node:path';
import { readInputFile } from '@bitwright/service-kit';
import { wrongFlag } from './flag.js';

/** A request takes no more. */
const LARGEST_BYTES = 8 * 1024 * 1024;

/** The text of a file that a flag names. Throws `invalid_argument` that names the flag when it cannot be read. */
export async function readTextFile(flag: string, path: string, folder: string): Promise<string> {
  const refuse = (problem: string) => wrongFlag(flag, `${path} ${problem}`);
  const content = await readInputFile(resolve(folder, path), refuse, LARGEST_BYTES);
  return new TextDecoder().decode(content);
}
