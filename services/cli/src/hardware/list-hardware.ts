import { BitwrightError, type HardwareCapabilities } from '@bitwright/core';
import { withAgent, withHardware } from '../connect.js';
import { type OwnHardwareFlags, withOwnHardware } from '../flags/own-hardware-flags.js';
import type { Surroundings } from '../surroundings.js';

export type HardwarePlace = OwnHardwareFlags & {
  readonly address?: string | undefined;
  readonly 'hardware-address'?: string | undefined;
};

/** The targets that an agent knows, or that a hardware service hosts; files of one's own add to the one that comes along. */
export async function listHardware(
  place: HardwarePlace,
  surroundings: Surroundings,
): Promise<readonly HardwareCapabilities[]> {
  const { address, 'hardware-address': hardware } = place;
  const world = withOwnHardware(place, address ?? hardware, surroundings);
  const signal = world.interrupted();
  if (address !== undefined)
    return withAgent(address, world, async (agent) => (await agent.capabilities(signal)).hardware);
  return withHardware(hardware, world, (catalog) => catalog.list(signal));
}

/** One of them. Throws `not_found` and names those there are. */
export function requireHardware(all: readonly HardwareCapabilities[], name: string): HardwareCapabilities {
  const found = all.find((target) => target.name === name);
  if (found !== undefined) return found;
  const names = all.map((target) => target.name).join(', ') || 'none';
  throw new BitwrightError('not_found', 'HARDWARE_UNKNOWN', `there is no hardware "${name}"; there is ${names}`);
}
