import type { ClipRule } from './clip-rule.js';

/** Clips nothing: the threshold is max |x|. */
export const maximumRule: ClipRule = {
  name: 'maximum',
  description: 'max |x|: nothing is clipped',
  ofValues: (_values, maximum) => maximum,
  ofHistogram: ({ maximum }) => maximum,
};
