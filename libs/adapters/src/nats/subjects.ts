import { createHash } from 'node:crypto';
import type { BitwrightEvent, EventFilter } from '@bitwright/core';

/** The JetStream stream that keeps the events. */
export const EVENT_STREAM = 'BITWRIGHT_EVENTS';

const ROOT = 'bitwright.v1';

/** Everything that is published. */
export const ALL_EVENTS = `${ROOT}.>`;

/** Who is there is no history: these lie outside of what the stream keeps. */
const PRESENCE = 'bitwright.presence.v1';

/** Hardware services announce themselves here. */
export const HARDWARE_ANNOUNCED = `${PRESENCE}.hardware.announced`;

/** Whoever publishes here is told at once who is there; what is published does not matter. */
export const HARDWARE_ASKED = `${PRESENCE}.hardware.asked`;

/** `bitwright.v1.<entity>.<subject>.<event>`, for example `bitwright.v1.trial.<searchId>.evaluated`. */
export function subjectOf({ kind, subject }: BitwrightEvent): string {
  const [entity, event] = kind.split('.');
  return `${ROOT}.${entity}.${toToken(subject)}.${event}`;
}

/** The subjects of the events that a filter lets through. */
export function subjectsOf({ kind, subject }: EventFilter): string {
  const [entity, event] = kind?.split('.') ?? ['*', '*'];
  return `${ROOT}.${entity}.${subject === undefined ? '*' : toToken(subject)}.${event}`;
}

/**
 * Identifiers and names stay readable; any other text would be taken for wildcards or for several tokens, and becomes
 * `_` with its base64url, or with its hash when it is long. Only what is made up starts with `_`.
 */
function toToken(subject: string): string {
  if (/^[A-Za-z0-9-][A-Za-z0-9_-]{0,99}$/.test(subject)) return subject;
  if (subject.length <= 100) return `_${Buffer.from(subject).toString('base64url')}`;
  return `_${createHash('sha256').update(subject).digest('base64url')}`;
}
