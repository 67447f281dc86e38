import { resolve } from 'node:path';
import { namesOf } from '@bitwright/service-kit';
import type { Surroundings } from '../surroundings.js';
import { repeated, wrongFlag } from './flag.js';

/** Accelerators of one's own, for the hardware service inside the command. */
export const PROFILE_FLAGS = {
  'hardware-profile': repeated('FILE', 'a YAML file that describes an accelerator of your own', readPath),
};

/** Settings that are lists come apart at commas. */
function readPath(path: string): string {
  if (path.trim() !== '' && !path.includes(',')) return path;
  throw new Error(`is "${path}"; name one file, whose path has no comma`);
}

/**
 * The same surroundings, with profile files for the services inside the command beside those that the environment
 * names. Throws `invalid_argument` when the hardware service runs at an address, because it has profiles of its own.
 */
export function withProfiles(
  surroundings: Surroundings,
  files: readonly string[] | undefined,
  address: string | undefined,
): Surroundings {
  if (files === undefined) return surroundings;
  if (address !== undefined) {
    const fix = `cannot reach the hardware service behind ${address}; start that one with --profiles`;
    throw wrongFlag('hardware-profile', fix);
  }
  const { environment, folder } = surroundings;
  const variable = namesOf('profiles').environment;
  const paths = [environment[variable] ?? '', ...files.map((file) => resolve(folder, file))];
  return {
    ...surroundings,
    environment: { ...environment, [variable]: paths.filter((path) => path !== '').join(',') },
  };
}
