import { formatConstraint } from '@bitwright/core';
import { SEARCH_DEFAULTS } from '../flags/search-defaults.js';
import type { SearchFlags } from '../flags/search-flags.js';

/** Two lines that say what a search is going to do. */
export function describeSearch(flags: SearchFlags): readonly string[] {
  const network = flags.model ?? `${flags.network} ${flags.width ?? 1} (${sizeText(flags)})`;
  const budget = (flags.budget ?? []).map(budgetText).join(' and ') || 'no limit';
  const trials = flags.trials ?? SEARCH_DEFAULTS.maxTrials;
  const strategy = flags.strategy ?? SEARCH_DEFAULTS.strategy.name;
  return [
    `Looking for the bits of each layer of ${network}, trained on ${flags.dataset}, that keep the most accuracy`,
    `on ${(flags.hardware ?? []).join(' and ')} with ${budget}: ${strategy} tries ${trials} policies, the best are fine-tuned and exported to ONNX.`,
  ];
}

function sizeText(flags: SearchFlags): string {
  const size = flags['image-size'] ?? 224;
  return `${size}x${size}, ${flags.classes ?? 1000} classes`;
}

function budgetText(constraint: NonNullable<SearchFlags['budget']>[number]): string {
  const { metric, limit, target } = constraint;
  if (limit.kind === 'absolute') return formatConstraint(constraint);
  const where = target === undefined ? '' : ` on ${target}`;
  return `at most ${Number((100 * limit.ratio).toPrecision(4))} % of the 8-bit ${metric}${where}`;
}
