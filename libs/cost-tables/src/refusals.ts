import { type BitwrightError, type FieldViolation, invalidField, invalidFields } from '@bitwright/core';
import type { z } from 'zod';
import { TABLE_LIMITS } from './limits.js';

/** The reason of every refusal of a table's file. */
const REASON = 'COST_TABLE';

/** An `invalid_argument` about a file, or a place in it. */
export function refuseTable(place: string, problem: string): BitwrightError {
  return invalidField(place, problem, REASON);
}

/** Throws one `invalid_argument` for what is wrong with a file, if anything is; of very many problems the first. */
export function throwProblems(problems: readonly FieldViolation[], file: string): void {
  if (problems.length === 0) return;
  const rest = problems.length - TABLE_LIMITS.problems;
  const more = rest > 0 ? [{ field: file, description: `has ${rest} more such problems` }] : [];
  throw invalidFields([...problems.slice(0, TABLE_LIMITS.problems), ...more], REASON);
}

/** What zod found, each named as `placeOf` names its path. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  placeOf: (path: readonly PropertyKey[]) => string,
): readonly FieldViolation[] {
  return issues.map((issue) => ({ field: placeOf(issue.path), description: descriptionOf(issue) }));
}

function descriptionOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? `has an unknown key ${issue.keys.slice(0, 5).join(', ')}` : issue.message;
}
