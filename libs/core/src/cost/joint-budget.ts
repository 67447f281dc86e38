import { pairsOf } from '../policy/kernel-pairs.js';
import { type LayerPrecision, type PrecisionPolicy, schemeOf } from '../policy/policy.js';
import type { PrecisionSpace } from '../policy/precision-space.js';
import type { LayerFigure } from './layer-figures.js';

/** A figure that may not exceed its limit. */
export type LimitedFigure = { readonly figure: LayerFigure; readonly limit: number };

/** What is known of several limits together. */
export type JointBudget = {
  /** Whether a policy within all limits was found, none can be, or neither. */
  readonly verdict: 'fits' | 'impossible' | 'unknown';
  /** The policy found, or the one whose largest share of a limit is least. */
  readonly policy: PrecisionPolicy;
  /** The largest share of a limit that any policy is bound to take: above 1 none fits. */
  readonly leastShare: number;
};

const ROUNDS = 200;
/** Sums of rounded figures may pass a limit that the policy's own price meets. */
const TOLERANCE = 1e-9;

/**
 * Looks for a policy within all limits. A policy that fits has every weighted mean of its shares (cost over limit) at
 * most 1, and the policy with the least such mean is found layer by layer: where even that is above 1, none fits
 * (Lagrangian duality). Weights move towards the limits that are exceeded (multiplicative weights, Arora et al. 2012).
 */
export function searchJointBudget(space: PrecisionSpace, limits: readonly LimitedFigure[]): JointBudget {
  const shares = sharesOf(space, limits);
  let weights = limits.map(() => 1 / limits.length);
  let leastShare = 0;
  let closest = { policy: policyOf(space, shares, []), worst: Number.POSITIVE_INFINITY };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const chosen = shares.map((pairs) => leastMean(pairs, weights));
    const totals = limits.map((_, k) => chosen.reduce((sum, { values }) => sum + (values[k] as number), 0));
    leastShare = Math.max(leastShare, dot(weights, totals));
    const worst = Math.max(...totals);
    if (worst < closest.worst) closest = { policy: policyOf(space, shares, chosen), worst };
    if (worst <= 1) return { verdict: 'fits', policy: closest.policy, leastShare };
    if (leastShare > 1 + TOLERANCE) return { verdict: 'impossible', policy: closest.policy, leastShare };
    weights = shifted(weights, totals, worst, round);
  }
  return { verdict: 'unknown', policy: closest.policy, leastShare };
}

type Share = { readonly pair: LayerPrecision; readonly values: readonly number[] };

function sharesOf(space: PrecisionSpace, limits: readonly LimitedFigure[]): readonly (readonly Share[])[] {
  return space.layers.map((choices, layer) =>
    pairsOf(choices).map((pair) => ({
      pair,
      values: limits.map(({ figure, limit }) => figure(layer, pair) / limit),
    })),
  );
}

function policyOf(space: PrecisionSpace, shares: readonly (readonly Share[])[], chosen: readonly Share[]) {
  const layers = shares.map((pairs, layer) => (chosen[layer] ?? (pairs[0] as Share)).pair);
  return { ...schemeOf(space), layers };
}

function leastMean(pairs: readonly Share[], weights: readonly number[]): Share {
  return pairs.reduce((best, share) => (dot(weights, share.values) < dot(weights, best.values) ? share : best));
}

/** Exponentially towards what is exceeded, by steps that shrink; their sum stays 1. */
function shifted(weights: readonly number[], totals: readonly number[], worst: number, round: number): number[] {
  const raised = weights.map((weight, k) => weight * Math.exp(((totals[k] as number) - 1) / worst / Math.sqrt(round)));
  const sum = raised.reduce((total, weight) => total + weight, 0);
  return raised.map((weight) => weight / sum);
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
