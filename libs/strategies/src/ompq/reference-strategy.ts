import type { SearchProblem, SearchStrategy } from '@bitwright/core';
import { type Bits, toPolicy } from '../allocation/decisions.js';
import { fittingBits } from '../allocation/fitting-bits.js';
import { currentPricing, type Pricing } from '../allocation/pricing.js';
import { readPosition, writePosition } from '../position-snapshot.js';
import { proposeUpTo } from '../propose-up-to.js';
import { activationWidths } from './activation-widths.js';
import { limitsText, widthInfeasible } from './reachable-width.js';
import { referenceWeights, withActivations } from './reference-policy.js';

/** A step of the size towards cheaper policies. */
const CHEAPER_BY = 0.04;

/** The size limit of a problem in bits; undefined where it has none. */
export function sizeLimitBits({ constraints }: SearchProblem): number | undefined {
  const limits = constraints.flatMap(({ metric, limit }) => (metric === 'size' ? [8 * limit] : []));
  return limits.length === 0 ? undefined : limits.reduce((least, limit) => Math.min(least, limit));
}

/** Projections by size onto the limit and onto ever smaller sizes. */
export function createReferenceStrategy(problem: SearchProblem, asked: number | undefined): SearchStrategy {
  const priced = currentPricing(problem);
  const seen = new Set<string>();
  let looked = 0;
  /** Sizes that were proposed or passed over, also before a snapshot: these are only looked at, to propose nothing twice. */
  let position = 0;
  const next = async () => {
    const pricing = await priced();
    while (looked * CHEAPER_BY < 1) {
      const bits = await referenceBits(pricing, asked, 1 - looked * CHEAPER_BY);
      looked += 1;
      if (bits === undefined || seen.has(bits.join())) continue;
      seen.add(bits.join());
      if (looked <= position) continue;
      position = looked;
      return { policy: toPolicy(problem.space, bits), origin: 'reference' };
    }
    return undefined;
  };
  return {
    ask: (count) => proposeUpTo(count, next),
    tell: async () => {},
    snapshot: () => writePosition(position),
    restore: (snapshot) => {
      position = readPosition(snapshot, 'ompq');
      looked = 0;
      seen.clear();
    },
  };
}

/**
 * With the widest activations that keep the other limits. At the full size there is always a policy; throws where that has other
 * activations than were asked for.
 */
async function referenceBits(pricing: Pricing, asked: number | undefined, part: number): Promise<Bits | undefined> {
  const { problem } = pricing;
  const weights = await referenceWeights(problem, part * (sizeLimitBits(problem) as number));
  const candidates = activationWidths(problem.space, asked).map((width) =>
    weights === undefined ? undefined : withActivations(problem, weights, width),
  );
  const fitting = candidates.find((bits) => bits !== undefined && pricing.fits(bits));
  if (fitting !== undefined || part < 1) return fitting;
  if (asked === undefined) return fittingBits(pricing);
  throw widthInfeasible(asked, `the projection by size does not meet ${limitsText(problem)}`);
}
