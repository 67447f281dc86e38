import { encodeAnnouncement } from '@bitwright/contracts';
import type { HardwareAnnouncement } from '@bitwright/core';
import { PresenceLink } from './presence-link.js';
import { HARDWARE_ANNOUNCED, HARDWARE_ASKED } from './subjects.js';

export type AnnounceHardwareOptions = {
  /** As for the event bus. */
  readonly url: string;
  readonly announcement: Omit<HardwareAnnouncement, 'leaving'>;
  readonly onNotice: (message: string) => void;
};

/** Whoever asks again and again is not answered more often than that, ms. */
const SHORTEST_PAUSE_MS = 200;

/**
 * Says that a hardware service is there: now, every `intervalMs`, to whoever asks, and whenever NATS is back; `close`
 * says that it leaves. Resolves after the first attempt to connect and never fails for want of a server.
 */
export async function announceHardware(options: AnnounceHardwareOptions): Promise<{ close(): Promise<void> }> {
  const { url, announcement, onNotice } = options;
  const [present, leaving] = [false, true].map((leaves) => encodeAnnouncement({ ...announcement, leaving: leaves }));
  let saidAt = Number.NEGATIVE_INFINITY;
  let soon: NodeJS.Timeout | undefined;
  const say = (link: PresenceLink) => {
    soon = undefined;
    saidAt = performance.now();
    link.publish(HARDWARE_ANNOUNCED, present);
  };
  const saySoon = (link: PresenceLink) => {
    soon ??= setTimeout(() => say(link), Math.max(0, saidAt + SHORTEST_PAUSE_MS - performance.now()));
  };
  const link = await PresenceLink.open({
    ...{ url, onNotice, subject: HARDWARE_ASKED, onMessage: (_, to) => saySoon(to), onConnect: saySoon },
    meanwhile: 'agents that are told of this service by their configuration still find it',
  });
  const heartbeat = setInterval(() => say(link), announcement.intervalMs).unref();
  const close = async () => {
    clearInterval(heartbeat);
    clearTimeout(soon);
    link.publish(HARDWARE_ANNOUNCED, leaving);
    await link.close();
  };
  return { close };
}
