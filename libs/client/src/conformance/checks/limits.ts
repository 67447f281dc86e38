import { LIMITS } from '@bitwright/contracts';
import { isPositive } from '../cells.js';
import type { Check } from '../check.js';
import { widest } from '../policies.js';
import { refusalProblems } from '../refusal.js';
import { repeatSample } from '../sample-network.js';
import type { Target } from '../target.js';

export const limitsCheck: Check = {
  id: 'limits',
  promise: `networks of up to ${LIMITS.layers} layers and batches of up to maximum_batch are priced; one image more is refused`,
  run: async (target) => {
    const { maximumBatch } = target.capabilities;
    const tooMany = () => target.tabulate({ batch: maximumBatch + 1 });
    const refusal = { kind: 'invalid_argument', field: 'batch' } as const;
    return [
      ...(await networkProblems(target)),
      ...(await batchProblems(target, maximumBatch)),
      ...(await refusalProblems(`a batch of ${maximumBatch + 1}`, tooMany, refusal)),
    ];
  },
};

/** The largest table takes 8 MB: more than many gRPC servers send or take unless they are told to. */
async function networkProblems({ tabulate }: Target): Promise<readonly string[]> {
  const { counted } = await tabulate({ layers: repeatSample(LIMITS.layers) });
  if (counted.length === LIMITS.layers) return [];
  return [`the table of a network of ${LIMITS.layers} layers has ${counted.length}`];
}

async function batchProblems({ evaluate, capabilities }: Target, batch: number): Promise<readonly string[]> {
  const [answer] = await evaluate([widest(capabilities)], { batch });
  if (answer?.batch === batch && isPositive(answer.latencyMs)) return [];
  return [`a batch of ${batch} is answered with batch ${answer?.batch} and latency_ms ${answer?.latencyMs}`];
}
