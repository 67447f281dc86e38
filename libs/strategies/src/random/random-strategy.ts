import {
  BitwrightError,
  createRandomSource,
  type RandomSource,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
} from '@bitwright/core';
import { type Bits, toPolicy } from '../allocation/decisions.js';
import { currentPricing } from '../allocation/pricing.js';
import { actionWall } from '../haq/action-wall.js';
import { defineOptions } from '../options.js';

const OPTIONS = defineOptions({});

/** Draws every width at random and lowers the policy until it fits, without learning: what a search must beat. */
export const randomStrategy: StrategyDefinition = {
  name: 'random',
  description: 'random widths, lowered until they fit the budget',
  options: OPTIONS.list,
  create: createRandomStrategy,
};

/** A uniformly drawn choice for every decision. */
export function randomBits(choices: readonly (readonly number[])[], random: RandomSource): Bits {
  return Uint8Array.from(choices, (values) => values[random.integer(values.length)] as number);
}

function createRandomStrategy(context: StrategyContext): SearchStrategy {
  const { problem, options } = context;
  OPTIONS.read(options);
  let random = context.random;
  const priced = currentPricing(problem);
  return {
    async ask(count) {
      const pricing = await priced();
      return Array.from({ length: count }, () => {
        const bits = actionWall(pricing, randomBits(pricing.choices, random));
        return { policy: toPolicy(problem.space, bits), origin: 'random' };
      });
    },
    async tell() {},
    snapshot: () => new Uint8Array(Uint32Array.from(random.state()).buffer),
    restore: (snapshot) => {
      if (snapshot.length !== 16)
        throw new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', 'the snapshot is not one of the random strategy');
      random = createRandomSource([...new Uint32Array(new Uint8Array(snapshot).buffer)]);
    },
  };
}
