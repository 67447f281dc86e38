/** What can happen, in the past tense. */
export const EVENT_KINDS = [
  'search.created',
  'search.started',
  'search.resumed',
  'search.completed',
  'search.failed',
  'search.cancelled',
  'search.deleted',
  'trial.evaluated',
  'trial.failed',
  'hardware.started',
  'hardware.stopped',
  'hardware.found',
  'hardware.lost',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that happened to a search, a trial or a hardware backend. Small; large results are referred to. */
export type BitwrightEvent = {
  /** Unique; a repeat with the same id is the same event. */
  readonly id: string;
  readonly kind: EventKind;
  /** The search's id, or the hardware's name. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
};

export type EventFilter = { readonly kind?: EventKind | undefined; readonly subject?: string | undefined };

/**
 * Tells the world. `publish` never throws and never waits for the network: what cannot be sent now is kept (bounded)
 * and sent when the server is back. Delivery is at least once and in order for one subject.
 */
export interface EventBus {
  publish(event: BitwrightEvent): void;
  /**
   * For events that are kept elsewhere until they are sent: resolves once the event is where subscribers get it from, or
   * never can be, and waits as long as that takes. Rejects when the signal fires or the bus closes.
   */
  send(event: BitwrightEvent, signal: AbortSignal): Promise<void>;
  /** Events from now on, until the signal fires or the bus closes. */
  subscribe(filter: EventFilter, signal: AbortSignal): AsyncIterable<BitwrightEvent>;
  /** `connected`, or why not. Never makes a service unhealthy. */
  status(): 'connected' | 'disconnected' | 'closed';
  /** Sends what is pending (waiting at most a few seconds) and closes. */
  close(): Promise<void>;
}
