import type { AnnouncedTarget } from '../ports/hardware-survey.js';

/** What a hardware service says of itself while it is there. */
export type HardwareAnnouncement = {
  /** Of this run of the service: another one after each start. */
  readonly instanceId: string;
  /** `host:port` at which others reach it. */
  readonly address: string;
  /** Of the service, for people. */
  readonly version: string;
  readonly targets: readonly AnnouncedTarget[];
  /** The next announcement comes within this time, ms. */
  readonly intervalMs: number;
  /** The last announcement: the service takes no more calls. */
  readonly leaving: boolean;
};
