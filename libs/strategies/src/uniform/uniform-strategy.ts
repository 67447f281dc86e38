import {
  fitsBudget,
  type Proposal,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
} from '@bitwright/core';
import { type Bits, toPolicy } from '../allocation/decisions.js';
import { createNoiseModel } from '../allocation/quantization-noise.js';
import { uniformPolicies } from '../allocation/uniform-policies.js';
import { defineOptions } from '../options.js';
import { readPosition, writePosition } from '../position-snapshot.js';

const OPTIONS = defineOptions({});

/** Every uniform policy that fits: equal widths from the most bits down, then unequal ones. */
export const uniformStrategy: StrategyDefinition = {
  name: 'uniform',
  description: 'every policy with one width for weights and one for activations that fits the budget',
  options: OPTIONS.list,
  create: createUniformStrategy,
};

function createUniformStrategy({ problem, options }: StrategyContext): SearchStrategy {
  OPTIONS.read(options);
  let candidates: readonly Bits[] | undefined;
  /** How many candidates were proposed or passed over. */
  let position = 0;
  return {
    async ask(count) {
      candidates ??= uniformPolicies(problem.space, createNoiseModel(problem));
      const proposals: Proposal[] = [];
      for (; proposals.length < count && position < candidates.length; position += 1) {
        const policy = toPolicy(problem.space, candidates[position] as Bits);
        if (fitsBudget(problem.cost(policy), problem.constraints)) proposals.push({ policy, origin: 'uniform' });
      }
      return proposals;
    },
    async tell() {},
    snapshot: () => writePosition(position),
    restore: (snapshot) => {
      position = readPosition(snapshot, 'the uniform strategy');
    },
  };
}
