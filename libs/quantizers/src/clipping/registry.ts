import type { ClipMethod, ClipRule } from './clip-rule.js';
import { kullbackLeiblerRule } from './kullback-leibler.js';
import { maximumRule } from './maximum.js';
import { meanSquaredErrorRule } from './mean-squared-error.js';
import { percentileRule } from './percentile.js';

/** Every clip rule by its name; a new rule is one file and one line here. */
export const CLIP_RULES: Readonly<Record<ClipMethod, ClipRule>> = {
  maximum: maximumRule,
  percentile: percentileRule,
  'mean-squared-error': meanSquaredErrorRule,
  'kullback-leibler': kullbackLeiblerRule,
};
