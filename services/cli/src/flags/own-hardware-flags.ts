import { readFile } from 'node:fs/promises';
import { sha256Hex } from '@bitwright/core';
import { namesOf } from '@bitwright/service-kit';
import type { Surroundings } from '../surroundings.js';
import type { FlagValues } from './flag.js';
import { PROFILE_FLAGS, withProfiles } from './profile-flag.js';
import { TABLE_FLAGS, withTables } from './table-flags.js';

/** Targets from files, for the services that run inside the command: accelerators by profile, and cost tables. */
export const OWN_HARDWARE_FLAGS = { ...PROFILE_FLAGS, ...TABLE_FLAGS };

export type OwnHardwareFlags = FlagValues<typeof OWN_HARDWARE_FLAGS>;

/**
 * The same surroundings with these files in the environment, where the services inside the command look for them. Throws
 * `invalid_argument` when another process, at `address`, is to be asked: its targets are its own.
 */
export function withOwnHardware(
  flags: OwnHardwareFlags,
  address: string | undefined,
  surroundings: Surroundings,
): Surroundings {
  return withTables(flags, address, withProfiles(surroundings, flags['hardware-profile'], address));
}

/** What tells files of the same name apart, whose targets have the same name too: a digest of each. */
export async function ownHardwareDigests({
  environment,
}: Pick<Surroundings, 'environment'>): Promise<readonly string[]> {
  const settings = [namesOf('profiles').environment, namesOf('tables').environment];
  const paths = settings.flatMap((name) => (environment[name] ?? '').split(',')).filter((path) => path !== '');
  return Promise.all(paths.map(async (path) => sha256Hex(await readFile(path.replace(/^[a-z0-9-]+=/, '')))));
}
