import { permutation, type RandomSource } from '@bitwright/core';
import type { BitVariable, EdgeBits } from '../graph/search-space.js';
import { randomBits } from './random.js';
import type { BitSearch } from './trial.js';

/** Simulated annealing as an earlier revision of HAGO has it. */
const START_TEMPERATURE = 0.5;
const END_TEMPERATURE = 5e-4;
const COOLING = 0.99;
/** Share of the variables that a step changes, and by how many choices at most. */
const CHANGED = 0.1;
const LARGEST_STEP = 2;

/**
 * From an assignment (drawn at random unless given) to neighbours that differ in a tenth of the variables, at least one, by up
 * to two choices: bits, where none is left out. A worse one is accepted with probability exp(-loss / temperature). 688 trials.
 */
export function* annealingSearch(space: readonly BitVariable[], random: RandomSource, start?: EdgeBits): BitSearch {
  let candidate = start ?? randomBits(space, random);
  let accepted = candidate;
  let score = Number.NEGATIVE_INFINITY;
  for (let temperature = START_TEMPERATURE; temperature > END_TEMPERATURE; temperature *= COOLING) {
    const [found = Number.NEGATIVE_INFINITY] = yield [candidate];
    if (found >= score || random.uniform() < Math.exp((found - score) / temperature)) {
      accepted = candidate;
      score = found;
    }
    candidate = neighbour(space, accepted, random);
  }
}

function neighbour(space: readonly BitVariable[], bits: EdgeBits, random: RandomSource): EdgeBits {
  const changed = permutation(space.length, random).subarray(0, Math.max(1, Math.floor(CHANGED * space.length)));
  return bits.map((one, index) => {
    if (!changed.includes(index)) return one;
    const { choices } = space[index] as BitVariable;
    // Choices go from most bits to fewest: more bits are nearer to the first.
    const moved = choices.indexOf(one) - (random.integer(2 * LARGEST_STEP + 1) - LARGEST_STEP);
    return choices[Math.min(Math.max(moved, 0), choices.length - 1)] as number;
  });
}
