import { type BitwrightEvent, EVENT_KINDS, type EventKind, invalidField } from '@bitwright/core';
import { limitText, requireCount, requireText } from './fields.js';
import { type AttributeValue, Event } from './gen/bitwright/events/v1/events.js';
import { LIMITS } from './limits.js';

type Value = BitwrightEvent['attributes'][string];

/** Names start with a letter, so that none can reach into an object's prototype. */
const ATTRIBUTE_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

export function toWireEvent({ id, kind, subject, time, attributes }: BitwrightEvent): Event {
  const values = Object.entries(attributes).map(([name, value]) => [name, toWireValue(value)] as const);
  return { id, kind, subject, timeMs: time, attributes: Object.fromEntries(values) };
}

/** Throws `invalid_argument` naming the field, also for a kind that this version does not know. */
export function fromWireEvent(message: Event, field: string): BitwrightEvent {
  return {
    id: requireText(message.id, `${field}.id`),
    kind: requireKind(message.kind, `${field}.kind`),
    subject: requireText(message.subject, `${field}.subject`),
    time: requireCount(message.timeMs, `${field}.time_ms`),
    attributes: fromWireAttributes(message.attributes, `${field}.attributes`),
  };
}

/** The bytes that travel on NATS. */
export function encodeEvent(event: BitwrightEvent): Uint8Array {
  return Event.encode(toWireEvent(event)).finish();
}

/** Throws `invalid_argument` for bytes that are no event, as for a bad one. */
export function decodeEvent(bytes: Uint8Array, field = 'event'): BitwrightEvent {
  return fromWireEvent(decodeMessage(bytes, field), field);
}

function decodeMessage(bytes: Uint8Array, field: string): Event {
  try {
    return Event.decode(bytes);
  } catch {
    throw invalidField(field, 'is not a bitwright.events.v1.Event', 'EVENT_BYTES');
  }
}

function requireKind(kind: string, field: string): EventKind {
  const known = EVENT_KINDS.find((candidate) => candidate === kind);
  if (known !== undefined) return known;
  throw invalidField(field, `"${kind.slice(0, LIMITS.name)}" is none of ${EVENT_KINDS.join(', ')}`, 'EVENT_KIND');
}

function fromWireAttributes(attributes: Event['attributes'], field: string): BitwrightEvent['attributes'] {
  const entries = Object.entries(attributes);
  if (entries.length > LIMITS.attributes) {
    throw invalidField(field, `has ${entries.length} entries; the limit is ${LIMITS.attributes}`, 'LIST_LENGTH');
  }
  return Object.fromEntries(
    entries.map(([name, value]) => [requireName(name, field), fromWireValue(value, `${field}.${name}`)]),
  );
}

function requireName(name: string, field: string): string {
  if (ATTRIBUTE_NAME.test(name)) return name;
  throw invalidField(
    field,
    'has a name that is not a letter followed by up to 63 of A-Z a-z 0-9 _ . -',
    'ATTRIBUTE_NAME',
  );
}

function toWireValue(value: Value): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { value: { $case: 'text', value } };
    case 'number':
      return { value: { $case: 'number', value } };
    case 'boolean':
      return { value: { $case: 'flag', value } };
  }
}

function fromWireValue({ value }: AttributeValue, field: string): Value {
  if (value === undefined) throw invalidField(field, 'has no value', 'FIELD_REQUIRED');
  return value.$case === 'text' ? limitText(value.value, field) : value.value;
}
