import { type CostTable, hasCell } from '../cost/cost-table.js';
import { costOfPolicy, type PolicyCost } from '../cost/policy-cost.js';
import type { Layer } from '../network/layers.js';
import { type PrecisionPolicy, uniformPolicy } from '../policy/policy.js';
import { eightBitActivations } from '../policy/precision-space.js';
import type { PreparedSearch } from '../search/prepare-search.js';
import type { Trial } from '../search/search.js';

/**
 * What 8 bits everywhere cost, whether or not the search may use them: what "of 8 bit" is relative to. As the budget was
 * resolved by it, else as a control was priced, else by the tables; where these are guesses or lack 8 bits, latency and
 * energy are not known.
 */
export function eightBitCost(search: PreparedSearch, trials: readonly Trial[]): PolicyCost {
  const { spec, layers, targets, reference, prior } = search;
  if (reference !== undefined) return reference;
  const eight = uniformPolicy(layers.length, 8, eightBitActivations(spec.activationBits), spec.scheme);
  const control = trials.find(({ policy }) => policy !== undefined && hasSameBits(policy, eight));
  if (control !== undefined) return control.cost;
  const isPriced = targets.every(({ capabilities, table }) => capabilities.additive && canPrice(table, layers, eight));
  return isPriced ? prior(eight) : costOfPolicy(layers, undefined, eight);
}

function hasSameBits(policy: PrecisionPolicy, other: PrecisionPolicy): boolean {
  return policy.layers.every(({ weightBits, activationBits }, index) => {
    const bits = other.layers[index];
    return bits?.weightBits === weightBits && bits.activationBits === activationBits;
  });
}

function canPrice(table: CostTable, layers: readonly Layer[], { layers: bits }: PrecisionPolicy): boolean {
  return layers.every(({ index }) => {
    const precision = bits[index];
    return table.counted[index] !== true || (precision !== undefined && hasCell(table, index, precision));
  });
}
