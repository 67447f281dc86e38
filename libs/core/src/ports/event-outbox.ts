import type { BitwrightEvent } from './event-bus.js';

/** The most events that a store keeps until they are sent. */
export const MAXIMUM_STORED_EVENTS = 10_000;

/** What is kept the longest: how a search ended. */
export const TERMINAL_EVENTS = ['search.completed', 'search.failed', 'search.cancelled', 'search.deleted'] as const;

/**
 * Events that were stored with what they tell of and are not yet with the bus. At most {@link MAXIMUM_STORED_EVENTS}: of
 * more, those of trials are dropped first, then others, and {@link TERMINAL_EVENTS} last, each time the oldest.
 */
export interface EventOutbox {
  /** In the order in which they were stored, at most `count`. */
  unsentEvents(count: number): Promise<readonly BitwrightEvent[]>;
  /** The bus has them; ids that are unknown are left alone. */
  removeEvents(ids: readonly string[]): Promise<void>;
}
