import { setImmediate } from 'node:timers/promises';
import {
  createRandomSource,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
} from '@bitwright/core';
import { type BitSearch, type BitVariable, createBitSearch, type EdgeBits } from '@bitwright/hago';
import { type Bits, decisionChoices, isWeight, layerOf, toPolicy } from '../allocation/decisions.js';
import { currentPricing } from '../allocation/pricing.js';
import { actionWall } from '../haq/action-wall.js';
import { choiceOption, defineOptions } from '../options.js';
import { type Known, readKnown, writeKnown } from './snapshot.js';

const SEARCHES = ['greedy', 'batched-greedy', 'random', 'annealing'] as const;

const OPTIONS = defineOptions({
  search: choiceOption("which of HAGO's searches proposes", SEARCHES, 'greedy'),
});

/**
 * HAGO's searches over a policy of layers: the edges that a policy can express, each layer's weight and the tensor it reads.
 * Edges into additions and pools have no bits in a policy; `bitwright realize` searches those as well.
 */
export const hagoStrategy: StrategyDefinition = {
  name: 'hago',
  description:
    "HAGO's greedy search, edge by edge: fewer bits as long as nothing is lost, lowered until they fit the budget",
  options: OPTIONS.list,
  create: createHagoStrategy,
};

function createHagoStrategy({ problem, random, options }: StrategyContext): SearchStrategy {
  const { search } = OPTIONS.read(options);
  const variables = edgeVariables(
    decisionChoices(problem.space),
    problem.layers.map(({ name }) => name),
  );
  const start = random.state();
  const priced = currentPricing(problem);
  const known = new Map<string, Known>();
  let asked: readonly Candidate[] = [];
  return {
    async ask(count) {
      const pricing = await priced();
      const run = createBitSearch(search, variables, createRandomSource(start));
      asked = await followSearch(run, known, (bits) => actionWall(pricing, Uint8Array.from(bits)), count);
      return asked.map(({ lowered }) => ({ policy: toPolicy(problem.space, lowered), origin: search }));
    },
    async tell(outcomes) {
      outcomes.forEach(({ accuracy }, index) => {
        const candidate = asked[index];
        if (candidate === undefined) return;
        const { bits, lowered } = candidate;
        known.set(keyOf(bits), { policy: keyOf(lowered), score: accuracy ?? Number.NEGATIVE_INFINITY });
      });
      asked = [];
    },
    snapshot: () => writeKnown(known),
    restore: (snapshot) => {
      known.clear();
      for (const [bits, one] of readKnown(snapshot)) known.set(bits, one);
    },
  };
}

/** Choices from most bits to fewest, as HAGO's searches take them. */
function edgeVariables(choices: readonly (readonly number[])[], layers: readonly string[]): readonly BitVariable[] {
  return choices.map((values, decision) => ({
    name: `${layers[layerOf(decision)] ?? ''}.${isWeight(decision) ? 'weight' : 'input'}`,
    edges: [],
    choices: values.toReversed(),
  }));
}

/** An assignment that is to be measured, as the budget lets it. */
type Candidate = { readonly bits: EdgeBits; readonly lowered: Bits };

/** Longest time between two pauses for the event loop, ms: a search is followed from its start, and lowers hundreds of assignments. */
const HELD_MS = 8;

function pauseWhenDue(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < HELD_MS) return;
    await setImmediate();
    since = performance.now();
  };
}

const keyOf = (bits: EdgeBits | Bits) => bits.join();

/**
 * Runs a search from its start over what is known and gives what it asks for next, at most `count`. Assignments that are
 * lowered to one policy have its score: they become known and take no trial. What an assignment was lowered to stays, also
 * when prices are corrected, or the search would take another way from its start. To have work for several at once, what is
 * not known yet counts as no loss: what would be tried then is most likely tried anyway.
 */
async function followSearch(
  search: BitSearch,
  known: Map<string, Known>,
  lower: (bits: EdgeBits) => Bits,
  count: number,
): Promise<readonly Candidate[]> {
  const scores = new Map([...known.values()].map(({ policy, score }) => [policy, score]));
  const best = scores.size === 0 ? 0 : Math.max(...scores.values());
  const wanted = new Map<string, Candidate>();
  const scoreOf = (bits: EdgeBits): number => {
    const remembered = known.get(keyOf(bits));
    if (remembered !== undefined) return remembered.score;
    if (wanted.size === count) return best;
    const lowered = lower(bits);
    const policy = keyOf(lowered);
    const score = scores.get(policy);
    if (score !== undefined) known.set(keyOf(bits), { policy, score });
    else if (!wanted.has(policy)) wanted.set(policy, { bits, lowered });
    return score ?? best;
  };
  const pause = pauseWhenDue();
  let step = search.next();
  while (step.done !== true && wanted.size < count) {
    const found: number[] = [];
    for (const bits of step.value) {
      found.push(scoreOf(bits));
      await pause();
    }
    step = search.next(found);
  }
  return [...wanted.values()];
}
