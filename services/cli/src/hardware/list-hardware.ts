import { BitwrightError, type HardwareCapabilities, type HardwareNetwork, type HardwareSurvey } from '@bitwright/core';
import { withAgent, withHardware } from '../connect.js';
import { type OwnHardwareFlags, withOwnHardware } from '../flags/own-hardware-flags.js';
import type { Surroundings } from '../surroundings.js';

export type HardwarePlace = OwnHardwareFlags & {
  readonly address?: string | undefined;
  readonly 'hardware-address'?: string | undefined;
};

/**
 * The hardware that an agent knows, or that a hardware service hosts; files of one's own add to the one that comes along.
 * Throws `unavailable` where a service that was asked for does not answer.
 */
export async function surveyHardware(place: HardwarePlace, surroundings: Surroundings): Promise<HardwareSurvey> {
  const { address, 'hardware-address': hardware } = place;
  const world = withOwnHardware(place, address ?? hardware, surroundings);
  const signal = world.interrupted();
  if (address === undefined) return withHardware(hardware, world, (network) => surveyAny(network, signal));
  return withAgent(address, world, async (agent) => {
    const { hardware: targets, hardwareEndpoints: endpoints } = await agent.capabilities(signal);
    return { targets, endpoints };
  });
}

async function surveyAny(network: HardwareNetwork, signal: AbortSignal): Promise<HardwareSurvey> {
  const survey = await network.survey(signal);
  if (survey.targets.length === 0) await network.list(signal);
  return survey;
}

/** One target. Throws `unavailable` when its service does not answer, `not_found` naming those there are. */
export function requireHardware({ targets, endpoints }: HardwareSurvey, name: string): HardwareCapabilities {
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) return found;
  const away = endpoints.find(({ targets: served }) => served.some((target) => target.name === name));
  if (away?.outage !== undefined) {
    const message = `hardware "${name}" at ${away.address} does not answer (${away.outage.reason})`;
    throw new BitwrightError('unavailable', 'HARDWARE_UNREACHABLE', message);
  }
  const names = targets.map((target) => target.name).join(', ') || 'none';
  throw new BitwrightError('not_found', 'HARDWARE_UNKNOWN', `there is no hardware "${name}"; there is ${names}`);
}
