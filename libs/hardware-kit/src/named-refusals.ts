import { BitwrightError, type Layer } from '@bitwright/core';
import type { PairCosts } from './layer-cost-cache.js';

/** The same costs; a refusal says which layer of the network it is about, which an accelerator cannot: it sees shapes. */
export function withNamedRefusals(costs: PairCosts, layer: Layer): PairCosts {
  return (weightBits, activationBits) => {
    try {
      return costs(weightBits, activationBits);
    } catch (error) {
      throw nameRefusal(error, layer);
    }
  };
}

/** A refusal of a shape or a precision, with the layer's name; any other error as it is. */
export function nameRefusal(error: unknown, { index, name }: Layer): unknown {
  if (!(error instanceof BitwrightError) || error.kind !== 'unsupported') return error;
  const message = `layer ${index} (${name}): ${error.message}`;
  return new BitwrightError(error.kind, error.reason, message, { cause: error, violations: error.violations });
}
