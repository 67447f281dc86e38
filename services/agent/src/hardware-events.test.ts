import type { BitwrightEvent, EventBus, HardwareAnnouncement } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { hardwareEvents } from './hardware-events.js';

const announcement: HardwareAnnouncement = {
  ...{ instanceId: 'run-1', address: 'host:7003', version: '1', intervalMs: 5_000, leaving: false },
  targets: [{ name: 'bismo-edge', version: '1', provenance: 'simulated' }],
};

/** A bus that keeps one event of an id, as JetStream does for an hour. */
function keepingBus(): { readonly bus: EventBus; readonly kept: BitwrightEvent[] } {
  const kept: BitwrightEvent[] = [];
  const publish = (event: BitwrightEvent) => {
    if (!kept.some(({ id }) => id === event.id)) kept.push(event);
  };
  return { bus: { publish } as EventBus, kept };
}

describe('events of hardware', () => {
  it('tell of each return and each loss of a service, once however many agents notice', () => {
    const { bus, kept } = keepingBus();
    const agents = [hardwareEvents(bus), hardwareEvents(bus)];
    const findAll = () => agents.map(({ onFound }) => onFound?.(announcement));
    const loseAll = () => agents.map(({ onLost }) => onLost?.(announcement));
    for (const notice of [findAll, loseAll, findAll, loseAll, findAll]) notice();
    const kinds = kept.map(({ kind }) => kind.split('.')[1]);
    expect(kinds).toEqual(['found', 'lost', 'found', 'lost', 'found']);
  });
});
