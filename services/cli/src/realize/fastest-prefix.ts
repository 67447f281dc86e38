import {
  DEFAULT_SCHEME,
  deriveLayers,
  FLOAT_BITS,
  type Hardware,
  type HardwareOptions,
  type Network,
  type PrecisionPolicy,
  type WorkProgress,
} from '@bitwright/core';

/** First layers are where float can be faster: large images, few channels. */
const LONGEST_PREFIX = 8;

/**
 * How many layers from the input on should stay float so that the whole network is fastest on a target, the others at 8 bits:
 * it evaluates each choice, as integers behind float layers cost what no layer alone costs. Of equals the fewest.
 */
export async function fastestPrefix(
  target: Hardware,
  network: Network,
  options: HardwareOptions,
  onProgress: (progress: WorkProgress) => void = () => {},
): Promise<number> {
  const layers = deriveLayers(network);
  const prefixes = Array.from({ length: Math.min(LONGEST_PREFIX, layers.length - 1) + 1 }, (_, count) => count);
  const policies = prefixes.map((count): PrecisionPolicy => {
    const bitsOf = (index: number) => (index < count ? FLOAT_BITS : 8);
    const precisions = layers.map((_, index) => ({ weightBits: bitsOf(index), activationBits: bitsOf(index) }));
    return { ...DEFAULT_SCHEME, layers: precisions };
  });
  let best = { count: 0, latencyMs: Number.POSITIVE_INFINITY };
  let count = 0;
  const progress = { phase: 'evaluating float layers', done: 0, total: prefixes.length };
  onProgress(progress);
  for await (const { latencyMs } of target.evaluate(layers, policies, { ...options, network })) {
    if (latencyMs < best.latencyMs) best = { count, latencyMs };
    count += 1;
    onProgress({ ...progress, done: count });
  }
  return best.count;
}
