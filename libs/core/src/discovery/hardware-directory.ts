import type { HardwareAnnouncement } from './announcement.js';

/** Announcements that an instance may leave out before it counts as silent. */
const SILENT_INTERVALS = 3;

/** What an announcement changed: a new instance, nothing but the time, one that left, or none for want of room. */
export type Heard = 'found' | 'known' | 'left' | 'full';

type Entry = { readonly announcement: HardwareAnnouncement; readonly heardAt: number };

/**
 * The hardware services that announced themselves and were not silent for long. Anybody can announce, so that there is
 * room for `capacity` instances and no more. Times are milliseconds of the caller's clock.
 */
export class HardwareDirectory {
  readonly #capacity: number;
  /** By instance, in the order in which they were found. */
  readonly #entries = new Map<string, Entry>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The last announcement of each instance, oldest instance first. */
  get instances(): readonly HardwareAnnouncement[] {
    return this.#select(() => true);
  }

  hear(announcement: HardwareAnnouncement, now: number): Heard {
    const { instanceId, leaving } = announcement;
    if (leaving) return this.remove(instanceId) ? 'left' : 'known';
    const isKnown = this.#entries.has(instanceId);
    if (!isKnown && this.#entries.size >= this.#capacity) return 'full';
    this.#entries.set(instanceId, { announcement, heardAt: now });
    return isKnown ? 'known' : 'found';
  }

  /** Those that were not heard of for three of their intervals. */
  silent(now: number): readonly HardwareAnnouncement[] {
    return this.#select((entry) => isSilent(entry, now));
  }

  /** The others. */
  heard(now: number): readonly HardwareAnnouncement[] {
    return this.#select((entry) => !isSilent(entry, now));
  }

  /** Counts as heard of: the instance answered a call. */
  renew(instanceId: string, now: number): void {
    const entry = this.#entries.get(instanceId);
    if (entry !== undefined) this.#entries.set(instanceId, { ...entry, heardAt: now });
  }

  /** Whether it was there. */
  remove(instanceId: string): boolean {
    return this.#entries.delete(instanceId);
  }

  #select(isWanted: (entry: Entry) => boolean): readonly HardwareAnnouncement[] {
    return [...this.#entries.values()].filter(isWanted).map(({ announcement }) => announcement);
  }
}

function isSilent({ announcement, heardAt }: Entry, now: number): boolean {
  return now - heardAt > SILENT_INTERVALS * announcement.intervalMs;
}
