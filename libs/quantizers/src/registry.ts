import { invalidField, type WeightQuantizer } from '@bitwright/core';
import { kMeansQuantizer } from './k-means/quantizer.js';
import { linearQuantizer } from './linear/quantizer.js';
import { multipointQuantizer } from './multipoint/quantizer.js';
import type { WeightQuantizerDefinition } from './weight-quantizer.js';

/** Every weight quantizer by its name; a new one is one folder and one line here. */
export const WEIGHT_QUANTIZERS: Readonly<Record<WeightQuantizer, WeightQuantizerDefinition>> = {
  linear: linearQuantizer,
  'k-means': kMeansQuantizer,
  multipoint: multipointQuantizer,
};

/** The quantizer of a name that came from outside; throws `invalid_argument` and names those there are. */
export function findWeightQuantizer(name: string): WeightQuantizerDefinition {
  const found = Object.values(WEIGHT_QUANTIZERS).find((quantizer) => quantizer.name === name);
  if (found !== undefined) return found;
  throw invalidField('weightQuantizer', `"${name}" is none of ${Object.keys(WEIGHT_QUANTIZERS).join(', ')}`);
}
