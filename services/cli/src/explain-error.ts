import { type BitwrightError, toBitwrightError } from '@bitwright/core';
import { namesOf } from '@bitwright/service-kit';
import { flagOf, nameFlags } from './flag-of-field.js';
import { STOPPED } from './stopped-error.js';

/** An error in sentences a user can act on, one line each: what is wrong, where, and how to mend it. Never a stack. */
export function explainError(thrown: unknown): string {
  const error = toBitwrightError(thrown);
  if (error.kind === 'internal' && error.cause !== undefined) return explainInternal(error);
  if (error.violations.length === 0) return `${subjectOf(error)}${firstSentenceOf(error)}`;
  return error.violations.map(({ field, description }) => sentence(flagOf(field), description)).join('\n');
}

/** The same, for programs: one JSON object. */
export function errorToJson(thrown: unknown): { readonly error: Record<string, unknown> } {
  const { kind, reason, message, violations } = toBitwrightError(thrown);
  const named = violations.map(({ field, description }) => ({ field: flagOf(field), description }));
  return { error: { kind, reason, message: nameFlags(message), violations: named } };
}

/** Some descriptions repeat the field, some say "is …", some begin anew. */
function sentence(flag: string, description: string): string {
  return description.startsWith('is ') || description.startsWith('has ') || description.startsWith('needs ')
    ? `${flag} ${description}`
    : `${flag}: ${description}`;
}

/** The flag that an error is about which names no field: what is wrong with files is found where they are opened. */
function subjectOf({ reason }: BitwrightError): string {
  if (reason.startsWith('DATASET_')) return '--dataset: ';
  if (reason === 'MODEL_UNTRAINED') return '--network: ';
  return reason.startsWith('MODEL_') ? '--model: ' : '';
}

function firstSentenceOf({ kind, reason, message }: BitwrightError): string {
  const [, code, address] = /^connect (E[A-Z]+) (\S+)$/.exec(message) ?? [];
  if (address !== undefined)
    return `nothing answers at ${address} (${code}); start the service there, or name another address`;
  return kind === 'cancelled' && reason !== STOPPED ? 'cancelled' : nameFlags(message);
}

function explainInternal(error: BitwrightError): string {
  const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
  return `${error.message}: ${cause.split('\n')[0]} (set ${namesOf('debug').environment}=1 to see where)`;
}
