import type { BitwrightEvent, EventKind } from '../ports/event-bus.js';
import type { SearchRecord, Trial } from './search.js';

type Attributes = BitwrightEvent['attributes'];

/** What became of a search with the change made at `updatedAt`: told again, it is the same event. */
export function searchEvent(
  kind: EventKind,
  { id: subject, updatedAt: time }: Pick<SearchRecord, 'id' | 'updatedAt'>,
  attributes: Attributes = {},
): BitwrightEvent {
  return { id: `${subject}.${kind}.${time}`, kind, subject, time, attributes };
}

/** What a trial found, or that it failed. */
export function trialEvent(trial: Trial): BitwrightEvent {
  const {
    searchId: subject,
    index,
    role,
    origin,
    policyHash,
    accuracy,
    feasible,
    error = '',
    finishedAt: time,
  } = trial;
  const kind: EventKind = accuracy === undefined ? 'trial.failed' : 'trial.evaluated';
  const outcome: Attributes = accuracy === undefined ? { error } : { accuracy };
  const attributes = { index, role, origin, policyHash, feasible, ...outcome };
  return { id: `${subject}.${kind}.${index}`, kind, subject, time, attributes };
}
