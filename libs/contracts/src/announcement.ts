import { type AnnouncedTarget, type HardwareAnnouncement, invalidField } from '@bitwright/core';
import { provenances } from './cost.js';
import { limitText, mapEntries, requireInteger, requireText } from './fields.js';
import * as wire from './gen/bitwright/hardware/v1/announcement.js';
import { LIMITS } from './limits.js';

const INSTANCE_ID = /^[A-Za-z0-9_-]{1,64}$/;
const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([1-9][0-9]{0,4})$/;
/** Without control characters: what anybody may announce is shown in terminals. */
const PLAIN = /^\P{Cc}*$/u;

/** The bytes that travel on NATS. */
export function encodeAnnouncement(announcement: HardwareAnnouncement): Uint8Array {
  const targets = announcement.targets.map(toWireAnnouncedTarget);
  return wire.HardwareAnnouncement.encode({ ...announcement, targets }).finish();
}

/** Throws `invalid_argument` for bytes that are no announcement, as for a bad one. */
export function decodeAnnouncement(bytes: Uint8Array, field = 'announcement'): HardwareAnnouncement {
  const message = decodeMessage(bytes, field);
  return {
    instanceId: requireForm(message.instanceId, INSTANCE_ID, `${field}.instance_id`, '1 to 64 of A-Z a-z 0-9 _ -'),
    address: requireAddress(message.address, `${field}.address`),
    version: requirePlain(message.version, `${field}.version`),
    targets: fromWireAnnouncedTargets(message.targets, `${field}.targets`),
    intervalMs: requireInteger(message.intervalMs, `${field}.interval_ms`, LIMITS.announcementIntervalMs),
    leaving: message.leaving,
  };
}

export function toWireAnnouncedTarget({ name, version, provenance }: AnnouncedTarget): wire.AnnouncedTarget {
  return { name, version, provenance: provenances.toWire(provenance) };
}

export function fromWireAnnouncedTargets(
  targets: readonly wire.AnnouncedTarget[],
  field: string,
): readonly AnnouncedTarget[] {
  return mapEntries(targets, field, { min: 0, max: LIMITS.announcedTargets }, (target, path) => ({
    name: requirePlain(requireText(target.name, `${path}.name`), `${path}.name`),
    version: requirePlain(target.version, `${path}.version`),
    provenance: provenances.fromWire(target.provenance, `${path}.provenance`),
  }));
}

function requireAddress(value: string, field: string): string {
  const port = Number(ADDRESS.exec(value)?.[2]);
  if (value.length <= LIMITS.name && port <= 65_535) return value;
  throw invalidField(field, 'is not host:port, for example 192.0.2.7:7003', 'ADDRESS');
}

const requirePlain = (value: string, field: string) =>
  requireForm(limitText(value, field, LIMITS.name), PLAIN, field, 'text without control characters');

function requireForm(value: string, pattern: RegExp, field: string, form: string): string {
  if (pattern.test(value)) return value;
  throw invalidField(field, `is not ${form}`, 'FORM');
}

function decodeMessage(bytes: Uint8Array, field: string): wire.HardwareAnnouncement {
  if (bytes.length > LIMITS.announcementBytes) {
    throw invalidField(field, `has ${bytes.length} bytes; the limit is ${LIMITS.announcementBytes}`, 'TOO_LONG');
  }
  try {
    return wire.HardwareAnnouncement.decode(bytes);
  } catch {
    throw invalidField(field, 'is not a bitwright.hardware.v1.HardwareAnnouncement', 'ANNOUNCEMENT_BYTES');
  }
}
