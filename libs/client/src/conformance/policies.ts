import { policyProto } from '@bitwright/contracts';
import type { Capabilities, Pair } from './target.js';

/** A policy with the same bits in every layer. */
export function samplePolicy([weightBits, activationBits]: Pair, layerCount: number): policyProto.PrecisionPolicy {
  return {
    scheme: {
      weightQuantizer: policyProto.WeightQuantizer.WEIGHT_QUANTIZER_LINEAR,
      granularity: policyProto.Granularity.GRANULARITY_PER_CHANNEL,
    },
    layers: Array.from({ length: layerCount }, () => ({ weightBits, activationBits })),
  };
}

export function narrowest({ weightBits, activationBits }: Capabilities): Pair {
  return [weightBits[0] as number, activationBits[0] as number];
}

export function widest({ weightBits, activationBits }: Capabilities): Pair {
  return [weightBits.at(-1) as number, activationBits.at(-1) as number];
}
