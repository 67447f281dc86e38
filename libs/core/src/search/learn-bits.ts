import { isHardwareMetric } from '../cost/constraint.js';
import { invalidField } from '../errors.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import { type PrecisionSpace, type PrecisionWidths, quantizedWidths } from '../policy/precision-space.js';
import type { LearnPrecisionRequest, PrecisionLimit } from '../ports/precision-learning.js';
import type { BitLearning, StrategyDefinition } from '../ports/search-strategy.js';
import { deriveSeed } from '../random.js';
import { learnedInSpace } from './learned-in-space.js';
import type { PreparedSearch } from './prepare-search.js';
import type { SearchSpec } from './search.js';
import type { SearchRun } from './search-run.js';

/** A policy of the search's space, and the time that learning it took, s. */
export type LearnedPolicy = { readonly policy: PrecisionPolicy; readonly seconds: number };

/** Throws `invalid_argument` where a strategy learns bits and the final fine-tuning, whose time that takes, trains nothing. */
export function requireTraining({ name, learnings }: StrategyDefinition, { finalFidelity }: SearchSpec): void {
  const trains = finalFidelity.finetuneSamples > 0 && finalFidelity.finetuneEpochs > 0;
  if (learnings === undefined || trains) return;
  const message = `has nothing to train on, and ${name} learns bits while the network trains; give samples and epochs`;
  throw invalidField('spec.final_fidelity', message);
}

/** Has the quantizer learn bits as long as a final fine-tuning takes. Levels stay behind: the search's scheme quantizes. */
export async function learnBits({ search, ports, signal }: SearchRun, learning: BitLearning): Promise<LearnedPolicy> {
  const request = requestFor(search, learning);
  const { policy, seconds } = await ports.quantizer.learnPrecision(request, { signal });
  return { policy: learnedInSpace(search.space, policy, request.budget.limits), seconds };
}

type LimitedLearning = LearnPrecisionRequest & { readonly budget: { readonly limits: readonly PrecisionLimit[] } };

function requestFor(search: PreparedSearch, { limits, ...rates }: BitLearning): LimitedLearning {
  const { model, dataset, pin, trialFidelity, finalFidelity, seed } = search.spec;
  const widths = widthsOf(search.space);
  return {
    ...{ model, dataset, widths, pin, split: 'validation', seed: deriveSeed(seed, 'learning'), ...rates },
    budget: { kind: 'limits', limits: limits.map((limited) => toPrecisionLimit(search, limited)) },
    minimumBits: Math.min(...widths.weightBits, ...widths.activationBits, rates.maximumBits),
    fidelity: { ...finalFidelity, validationSamples: trialFidelity.validationSamples },
  };
}

/** Float activations, which are in a search for weights only, have nothing to learn. */
function widthsOf(space: PrecisionSpace): PrecisionWidths {
  const activationBits = quantizedWidths(space, 'activationBits');
  return {
    weightBits: quantizedWidths(space, 'weightBits'),
    activationBits: activationBits.length === 0 ? [8] : activationBits,
  };
}

function toPrecisionLimit(
  { targets }: PreparedSearch,
  { metric, target, limit }: BitLearning['limits'][number],
): PrecisionLimit {
  if (!isHardwareMetric(metric)) return { metric, limit };
  const { table } = targets.find(({ asked }) => asked.name === target) ?? (targets[0] as (typeof targets)[number]);
  return { metric, table, limit };
}
