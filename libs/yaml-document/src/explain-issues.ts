import type { FieldViolation } from '@bitwright/core';
import type { z } from 'zod';

/** More than a document has fields; a text of thousands of unknown keys must not be answered with as many sentences. */
const MOST_VIOLATIONS = 50;

/** What is wrong with a document, one entry a field: where, what was found, and what to write instead. */
export function explainIssues(
  issues: readonly z.core.$ZodIssue[],
  document: unknown,
  sourceName: string,
): readonly FieldViolation[] {
  const violations = issues.flatMap((issue) => explainIssue(issue, document, sourceName));
  const first = new Map(violations.toReversed().map((violation) => [violation.field, violation]));
  return [...first.values()].toReversed().slice(0, MOST_VIOLATIONS);
}

function explainIssue(issue: z.core.$ZodIssue, document: unknown, sourceName: string): FieldViolation[] {
  const fieldOf = (path: readonly PropertyKey[]) => `${sourceName}: ${formatPath(path)}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: fieldOf([...issue.path, shorten(key)]),
      description: `is not known; ${issue.message}`,
    }));
  }
  const found = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], document);
  return [{ field: fieldOf(issue.path), description: `${formatFound(found)}; ${issue.message}` }];
}

/** `peaks[2].weightBits`. */
function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function formatFound(value: unknown): string {
  if (value === undefined) return 'is missing';
  return `is ${shorten(typeof value === 'number' ? String(value) : JSON.stringify(value))}`;
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
