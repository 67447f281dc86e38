import { BitwrightError, type Layer } from '@bitwright/core';
import type { PairCosts } from './layer-cost-cache.js';

/** The same costs; a refusal says which layer of the network it is about, which an accelerator cannot: it sees shapes. */
export function withNamedRefusals(costs: PairCosts, layer: Layer): PairCosts {
  return (weightBits, activationBits) => {
    try {
      return costs(weightBits, activationBits);
    } catch (error) {
      throw error instanceof BitwrightError && error.kind === 'unsupported' ? nameLayer(error, layer) : error;
    }
  };
}

function nameLayer(error: BitwrightError, { index, name }: Layer): BitwrightError {
  const message = `layer ${index} (${name}): ${error.message}`;
  return new BitwrightError(error.kind, error.reason, message, { cause: error, violations: error.violations });
}
