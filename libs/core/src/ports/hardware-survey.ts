import type { HardwareCapabilities, HardwareCatalog } from './hardware.js';

/** A target as an announcement names it: as its capabilities do, only shorter. */
export type AnnouncedTarget = Pick<HardwareCapabilities, 'name' | 'version' | 'provenance'>;

/** A hardware service that somebody told of, whether it answers or not. */
export type HardwareEndpoint = {
  /** `host:port`. */
  readonly address: string;
  /** Whether the configuration names it. */
  readonly configured: boolean;
  /** Whether it announced itself. */
  readonly announced: boolean;
  /** What it serves; while it does not answer, what it served or announced last. */
  readonly targets: readonly AnnouncedTarget[];
  /** Absent while it answers. `since` is when that was first noticed, milliseconds since the epoch. */
  readonly outage: { readonly since: number; readonly reason: string } | undefined;
};

/** What was found when everybody was asked at once. */
export type HardwareSurvey = {
  /** Of the targets that answer, one for each name: of two the first endpoint's. */
  readonly targets: readonly HardwareCapabilities[];
  readonly endpoints: readonly HardwareEndpoint[];
};

/** The targets of services that come and go. */
export interface HardwareNetwork extends HardwareCatalog {
  /** Asks every service. One that does not answer is no error. */
  survey(signal?: AbortSignal): Promise<HardwareSurvey>;
}
