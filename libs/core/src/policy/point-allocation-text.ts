import { parseConstraint } from '../cost/constraint.js';
import { invalidField, invalidFields } from '../errors.js';
import { allocationProblems, DEFAULT_POINTS, type PointAllocation } from './points.js';

const ERROR_SYNTAX = /^\s*(relative-error|absolute-error)\s*<=\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*$/i;

/**
 * Reads how points are handed out: `relative-error<=0.05`, `absolute-error<=0.001`, `size<=1.5x` (of one point for each
 * channel) or `size<=60kB` (of all weights).
 */
export function parsePointAllocation(
  text: string,
  maximumPoints = DEFAULT_POINTS.maximumPoints,
  field = 'points',
): PointAllocation {
  const allocation = { ...readRule(text, field), maximumPoints };
  const problems = allocationProblems(allocation, field);
  if (problems.length > 0) throw invalidFields(problems, 'POINTS');
  return allocation;
}

function readRule(text: string, field: string): Pick<PointAllocation, 'rule' | 'limit'> {
  const [, name, number] = ERROR_SYNTAX.exec(text) ?? [];
  if (name !== undefined) return { rule: name.toLowerCase() as PointAllocation['rule'], limit: Number(number) };
  if (!/^\s*size\s*<=/i.test(text)) {
    const example = 'write for example "relative-error<=0.05", "size<=1.5x" or "size<=60kB"';
    throw invalidField(field, `"${text}" says not how points are handed out; ${example}`, 'POINTS');
  }
  const { limit } = parseConstraint(text, field);
  return limit.kind === 'relative' ? { rule: 'size-ratio', limit: limit.ratio } : { rule: 'size', limit: limit.value };
}

/** The allocation as {@link parsePointAllocation} reads it. */
export function formatPointAllocation({ rule, limit }: PointAllocation): string {
  if (rule === 'size-ratio') return `size<=${limit}x`;
  return rule === 'size' ? `size<=${limit}B` : `${rule}<=${limit}`;
}
