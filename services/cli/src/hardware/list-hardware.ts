import { BitwrightError, type HardwareCapabilities } from '@bitwright/core';
import { withAgent, withHardware } from '../connect.js';
import { withProfiles } from '../flags/profile-flag.js';
import type { Surroundings } from '../surroundings.js';

export type HardwarePlace = {
  readonly address?: string | undefined;
  readonly 'hardware-address'?: string | undefined;
  readonly 'hardware-profile'?: readonly string[] | undefined;
};

/** The targets that an agent knows, or that a hardware service hosts; profile files add to the one that comes along. */
export async function listHardware(
  place: HardwarePlace,
  world: Surroundings,
): Promise<readonly HardwareCapabilities[]> {
  const { address, 'hardware-address': hardware, 'hardware-profile': profiles } = place;
  const surroundings = withProfiles(world, profiles, address ?? hardware);
  const signal = surroundings.interrupted();
  if (address !== undefined)
    return withAgent(address, surroundings, async (agent) => (await agent.capabilities(signal)).hardware);
  return withHardware(hardware, surroundings, (catalog) => catalog.list(signal));
}

/** One of them. Throws `not_found` and names those there are. */
export function requireHardware(all: readonly HardwareCapabilities[], name: string): HardwareCapabilities {
  const found = all.find((target) => target.name === name);
  if (found !== undefined) return found;
  const names = all.map((target) => target.name).join(', ') || 'none';
  throw new BitwrightError('not_found', 'HARDWARE_UNKNOWN', `there is no hardware "${name}"; there is ${names}`);
}
