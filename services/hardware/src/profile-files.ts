import { readFile, stat } from 'node:fs/promises';
import { LARGEST_PROFILE_BYTES, parseAccelerator } from '@bitwright/accelerators';
import { type FieldViolation, invalidField, invalidFields, toBitwrightError } from '@bitwright/core';
import type { Accelerator } from '@bitwright/hardware-kit';
import { errorCode } from '@bitwright/service-kit';

/**
 * The accelerators that profile files describe, in the order of their paths. Throws one `invalid_argument` for all that
 * is wrong in any of them.
 */
export async function readProfileFiles(paths: readonly string[]): Promise<readonly Accelerator[]> {
  const violations: FieldViolation[] = [];
  const accelerators: Accelerator[] = [];
  for (const path of new Set(paths)) {
    try {
      accelerators.push(parseAccelerator(await readText(path), path));
    } catch (error) {
      const known = toBitwrightError(error);
      if (known.kind !== 'invalid_argument') throw error;
      violations.push(...known.violations);
    }
  }
  if (violations.length > 0) throw invalidFields(violations, 'PROFILE');
  return accelerators;
}

/** A device or a pipe has no end, so that only files are read, and none that is too large to be a profile. */
async function readText(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error('it is no file');
    if (found.size > LARGEST_PROFILE_BYTES)
      throw new Error(`it has ${found.size} bytes; a profile has at most ${LARGEST_PROFILE_BYTES}`);
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason =
      errorCode(error) === 'ENOENT' ? 'there is no such file' : error instanceof Error ? error.message : String(error);
    throw invalidField(path, `cannot be read as a profile: ${reason}`, 'PROFILE');
  }
}
