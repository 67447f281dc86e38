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
import { readScores, writeScores } from './snapshot.js';

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
  needs: { labels: true, gradients: false, finetuning: false, featureBatch: false, costTable: true },
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
  const scores = new Map<string, number>();
  let asked: string[] = [];
  return {
    async ask(count) {
      const pricing = await priced();
      const run = createBitSearch(search, variables, createRandomSource(start));
      const next = followSearch(run, scores, count);
      asked = next.map(keyOf);
      return next.map((bits) => {
        const lowered = actionWall(pricing, Uint8Array.from(bits) as Bits);
        return { policy: toPolicy(problem.space, lowered), origin: search };
      });
    },
    async tell(outcomes) {
      outcomes.forEach(({ accuracy }, index) => {
        const key = asked[index];
        if (key !== undefined) scores.set(key, accuracy ?? Number.NEGATIVE_INFINITY);
      });
      asked = [];
    },
    snapshot: () => writeScores(scores),
    restore: (snapshot) => {
      scores.clear();
      for (const [key, score] of readScores(snapshot)) scores.set(key, score);
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

const keyOf = (bits: EdgeBits) => bits.join();

/**
 * Runs a search from its start over what is known and gives what it asks for next, at most `count`. To have work for several
 * at once, what is not known yet counts as no loss: what would be tried then is most likely tried anyway.
 */
function followSearch(search: BitSearch, scores: ReadonlyMap<string, number>, count: number): readonly EdgeBits[] {
  const wanted = new Map<string, EdgeBits>();
  const best = scores.size === 0 ? 0 : Math.max(...scores.values());
  let step = search.next();
  while (step.done !== true && wanted.size < count) {
    for (const bits of step.value) {
      const key = keyOf(bits);
      if (!scores.has(key) && wanted.size < count) wanted.set(key, bits);
    }
    step = search.next(step.value.map((bits) => scores.get(keyOf(bits)) ?? best));
  }
  return [...wanted.values()];
}
