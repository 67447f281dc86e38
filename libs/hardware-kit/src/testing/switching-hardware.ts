import type { Hardware, HardwareFeedback, PrecisionPolicy } from '@bitwright/core';
import type { Accelerator } from '../accelerator.js';
import { createLocalHardware } from '../local-hardware.js';

/** A target that is no sum over layers, and the policies that it was asked to evaluate, in order. */
export type SwitchingHardware = Hardware & { readonly evaluated: readonly PrecisionPolicy[] };

/**
 * An accelerator that takes `switchMs` longer for every two neighbouring layers of different bits, and whose layers of
 * equal bits run into one another: they take `fusedShare` of their own time. Its table knows single layers alone, and
 * without the graph of the network it does not know which are neighbours.
 */
export function createSwitchingHardware(
  accelerator: Accelerator,
  { switchMs, fusedShare }: { readonly switchMs: number; readonly fusedShare: number },
): SwitchingHardware {
  const capabilities = { ...accelerator.capabilities, additive: false };
  const local = createLocalHardware({ ...accelerator, capabilities });
  const evaluated: PrecisionPolicy[] = [];
  return {
    ...local,
    evaluated,
    async *evaluate(layers, policies, options = {}) {
      const seen: PrecisionPolicy[] = [];
      const remembered = (async function* () {
        for await (const policy of policies) {
          seen.push(policy);
          evaluated.push(policy);
          yield policy;
        }
      })();
      for await (const feedback of local.evaluate(layers, remembered, options)) {
        const policy = seen.shift() as PrecisionPolicy;
        yield options.network === undefined ? feedback : wholeCost(feedback, policy, switchMs, fusedShare);
      }
    },
  };
}

function wholeCost(feedback: HardwareFeedback, policy: PrecisionPolicy, switchMs: number, fusedShare: number) {
  const isFused = policy.layers.map((layer, index) => {
    const before = policy.layers[index - 1];
    return before?.weightBits === layer.weightBits && before.activationBits === layer.activationBits;
  });
  const switches = isFused.slice(1).filter((fused) => !fused).length;
  const times = feedback.layers.map(({ latencyMs }, index) => {
    if (feedback.counted[index] !== true) return 0;
    return isFused[index] ? fusedShare * latencyMs : latencyMs;
  });
  const latencyMs = times.reduce((sum, time) => sum + time, switches * switchMs);
  return { ...feedback, latencyMs, latencyPerImageMs: latencyMs / feedback.batch };
}
