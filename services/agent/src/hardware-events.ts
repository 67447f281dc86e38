import type { OpenHardwareOptions } from '@bitwright/adapters';
import type { EventBus, EventKind, HardwareAnnouncement } from '@bitwright/core';

/** What the agent tells of services that announce themselves: `hardware.found`, and `hardware.lost` of one that died. */
export function hardwareEvents(events: EventBus): Pick<OpenHardwareOptions, 'onFound' | 'onLost'> {
  const publish = (kind: EventKind, { instanceId, address, version, targets }: HardwareAnnouncement) => {
    for (const { name: subject } of targets) {
      // Every agent notices; the server keeps one event of an id.
      const id = `${instanceId}.${kind}.${subject}`;
      events.publish({ id, kind, subject, time: Date.now(), attributes: { address, version } });
    }
  };
  return {
    onFound: (announcement) => publish('hardware.found', announcement),
    onLost: (announcement) => publish('hardware.lost', announcement),
  };
}
