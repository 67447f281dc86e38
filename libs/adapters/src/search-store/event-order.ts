import { type BitwrightEvent, type EventKind, TERMINAL_EVENTS } from '@bitwright/core';

/** Where there are too many, events of a lower class are dropped before those of a higher one. */
export function classOf(kind: EventKind): 0 | 1 | 2 {
  if (kind.startsWith('trial.')) return 0;
  return TERMINAL_EVENTS.some((terminal) => terminal === kind) ? 2 : 1;
}

/** What is left of events within a limit, in their order; see core's `EventOutbox`. */
export function withinLimit(events: readonly BitwrightEvent[], limit: number): readonly BitwrightEvent[] {
  const droppedFirst = [...events].sort((a, b) => classOf(a.kind) - classOf(b.kind));
  const dropped = new Set(droppedFirst.slice(0, Math.max(0, events.length - limit)));
  return events.filter((event) => !dropped.has(event));
}
