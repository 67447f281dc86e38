import type { AnnouncedTarget, HardwareCapabilities, HardwareEndpoint, HardwareSurvey } from '@bitwright/core';

/** A target where it is served; without a target where a service never said what it has. */
export type HardwareRow = {
  readonly endpoint: HardwareEndpoint;
  readonly target: AnnouncedTarget | undefined;
  /** Of the target that counts under its name; absent while it does not answer, and for one that only stands in. */
  readonly capabilities: HardwareCapabilities | undefined;
  readonly health: 'serving' | 'in reserve' | 'not answering';
};

/** Every target of every service; of those with one name that answer, the first counts and the others stand in. */
export function hardwareRows({ targets, endpoints }: HardwareSurvey): readonly HardwareRow[] {
  const taken = new Set<string>();
  const rowOf = (endpoint: HardwareEndpoint, target: AnnouncedTarget): HardwareRow => {
    if (endpoint.outage !== undefined) return { endpoint, target, capabilities: undefined, health: 'not answering' };
    if (taken.has(target.name)) return { endpoint, target, capabilities: undefined, health: 'in reserve' };
    taken.add(target.name);
    return { endpoint, target, capabilities: targets.find(({ name }) => name === target.name), health: 'serving' };
  };
  return endpoints.flatMap((endpoint): readonly HardwareRow[] => {
    if (endpoint.targets.length > 0) return endpoint.targets.map((target) => rowOf(endpoint, target));
    return endpoint.outage === undefined
      ? []
      : [{ endpoint, target: undefined, capabilities: undefined, health: 'not answering' }];
  });
}

/** How a service was found: by its announcement, by the configuration, or by both. */
export function foundBy({ configured, announced }: HardwareEndpoint): readonly ('configured' | 'announced')[] {
  return [...(configured ? (['configured'] as const) : []), ...(announced ? (['announced'] as const) : [])];
}
