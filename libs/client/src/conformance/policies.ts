import { type networkProto, policyProto } from '@bitwright/contracts';
import { BitwrightError } from '@bitwright/core';
import { SAMPLE_LAYERS } from './sample-network.js';
import type { Capabilities, Pair } from './target.js';

/** A policy with the same bits in every layer. */
export function samplePolicy([weightBits, activationBits]: Pair, layerCount: number): policyProto.PrecisionPolicy {
  return {
    scheme: {
      weightQuantizer: policyProto.WeightQuantizer.WEIGHT_QUANTIZER_LINEAR,
      granularity: policyProto.Granularity.GRANULARITY_PER_CHANNEL,
      points: undefined,
    },
    layers: Array.from({ length: layerCount }, () => ({ weightBits, activationBits })),
    layerPoints: [],
  };
}

/** The narrowest pair of bits that every layer can run. */
export function narrowest(capabilities: Capabilities): Pair {
  return commonPairs(capabilities)[0] as Pair;
}

/** The widest pair of bits that every layer can run. */
export function widest(capabilities: Capabilities): Pair {
  return commonPairs(capabilities).at(-1) as Pair;
}

/** Whether the capabilities name kernels for an operator at a pair of bits; they need not list operators. */
export function hasKernel({ operators }: Capabilities, kind: networkProto.LayerKind, pair: Pair): boolean {
  if (operators.length === 0) return true;
  const kernels = operators.find(({ operator }) => operator === kind)?.precisions ?? [];
  return kernels.some(({ weightBits, activationBits }) => weightBits === pair[0] && activationBits === pair[1]);
}

function commonPairs(capabilities: Capabilities): readonly Pair[] {
  const { weightBits, activationBits } = capabilities;
  const pairs = weightBits.flatMap((weight) => activationBits.map((activation): Pair => [weight, activation]));
  const common = pairs.filter((pair) => SAMPLE_LAYERS.every(({ kind }) => hasKernel(capabilities, kind, pair)));
  if (common.length > 0) return common;
  const message =
    'the capabilities name no pair of bits at which a convolution, a depthwise, a pointwise and a fully connected layer can all run';
  throw new BitwrightError('unsupported', 'NO_COMMON_PRECISION', message);
}
