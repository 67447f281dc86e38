import {
  BitwrightError,
  type Proposal,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
} from '@bitwright/core';
import { toPolicy } from '../allocation/decisions.js';
import { createPricing } from '../allocation/pricing.js';
import { createNoiseModel } from '../allocation/quantization-noise.js';
import { uniformPolicies } from '../allocation/uniform-policies.js';
import { readOptions } from '../options.js';

/** Every uniform policy that fits: equal widths from the most bits down, then unequal ones. */
export const uniformStrategy: StrategyDefinition = {
  name: 'uniform',
  description: 'every policy with one width for weights and one for activations that fits the budget',
  needs: { labels: true, gradients: false, finetuning: false, featureBatch: false, costTable: true },
  create: createUniformStrategy,
};

function createUniformStrategy({ problem, options }: StrategyContext): SearchStrategy {
  readOptions(options, {});
  let proposals: Promise<readonly Proposal[]> | undefined;
  let asked = 0;
  const list = async () => {
    const policies = uniformPolicies(await createPricing(problem), createNoiseModel(problem));
    return policies.map((bits) => ({ policy: toPolicy(problem.space, bits), origin: 'uniform' }));
  };
  return {
    async ask(count) {
      proposals ??= list();
      const batch = (await proposals).slice(asked, asked + count);
      asked += batch.length;
      return batch;
    },
    async tell() {},
    snapshot: () => new Uint8Array(Uint32Array.of(asked).buffer),
    restore: (snapshot) => {
      if (snapshot.length !== 4)
        throw new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', 'the snapshot is not one of the uniform strategy');
      asked = new DataView(snapshot.buffer, snapshot.byteOffset).getUint32(0, true);
    },
  };
}
