import type { OpenHardwareOptions } from '@bitwright/adapters';
import type { EventBus, EventKind, HardwareAnnouncement } from '@bitwright/core';

/** Services whose returns are counted; of more, those found first begin anew. */
const COUNTED_INSTANCES = 1_000;

/** What the agent tells of services that announce themselves: `hardware.found`, and `hardware.lost` of one that died. */
export function hardwareEvents(events: EventBus): Pick<OpenHardwareOptions, 'onFound' | 'onLost'> {
  /** How often each was found. */
  const times = new Map<string, number>();
  const publish = (kind: EventKind, { instanceId, address, version, targets }: HardwareAnnouncement) => {
    for (const { name: subject } of targets) {
      // Every agent notices; the server keeps one event of an id. Agents that hear the same count the same.
      const id = `${instanceId}.${times.get(instanceId) ?? 1}.${kind}.${subject}`;
      events.publish({ id, kind, subject, time: Date.now(), attributes: { address, version } });
    }
  };
  return {
    onFound: (announcement) => {
      const { instanceId } = announcement;
      times.set(instanceId, (times.get(instanceId) ?? 0) + 1);
      const [first] = times.keys();
      if (times.size > COUNTED_INSTANCES && first !== undefined) times.delete(first);
      publish('hardware.found', announcement);
    },
    onLost: (announcement) => publish('hardware.lost', announcement),
  };
}
