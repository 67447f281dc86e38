import { nearestChoice, type SearchProblem, widerChoice } from '@bitwright/core';
import { type Bits, decisionChoices, isWeight, layerOf } from '../allocation/decisions.js';
import type { Choice } from '../integer-program/choice-program.js';
import { solveChoices } from '../integer-program/solve-choices.js';

/**
 * What OMPQ's released optimizer amounts to where it stops after one step: the weight bits nearest to "the most bits
 * everywhere" within `sizeBits`, rounded. No orthogonality goes into it: a baseline by size alone. Where rounding to the
 * nearest exceeds the size, each layer goes up or down so that most of it is used (the reference enumerates these
 * depth-first). Undefined where that has no solution either.
 */
export async function referenceWeights(
  problem: SearchProblem,
  sizeBits: number,
): Promise<readonly number[] | undefined> {
  const sizes = problem.layers.map(({ weights }) => weights);
  const choices = decisionChoices(problem.space).filter((_, decision) => isWeight(decision));
  const target = projectToSize(sizes, choices, sizeBits);
  const nearest = target.map((bits, layer) => nearestTo(choices[layer] as readonly number[], bits));
  if (sizeOf(sizes, nearest) <= sizeBits) return nearest;
  const around = target.map((bits, layer) => neighboursOf(choices[layer] as readonly number[], bits));
  const groups = around.map((widths, layer) =>
    widths.map((bits): Choice => {
      const share = ((sizes[layer] as number) * bits) / sizeBits;
      return { value: share, shares: [share] };
    }),
  );
  const solution = await solveChoices({ groups, limits: [1], sense: 'maximise', exclusions: [] });
  const bits = solution?.chosen.map((position, layer) => around[layer]?.[position] as number);
  return bits !== undefined && sizeOf(sizes, bits) <= sizeBits ? bits : undefined;
}

/** The Euclidean projection of the most bits onto the size: each layer loses in proportion to its weights, within its range. */
export function projectToSize(
  sizes: readonly number[],
  choices: readonly (readonly number[])[],
  sizeBits: number,
): readonly number[] {
  const at = (multiplier: number) =>
    sizes.map((size, layer) => {
      const [least, most] = [choices[layer]?.[0] as number, choices[layer]?.at(-1) as number];
      return Math.max(least, most - multiplier * size);
    });
  if (sizeOf(sizes, at(0)) <= sizeBits) return at(0);
  let [low, high] = [0, 64 / sizes.reduce((least, size) => Math.min(least, size), Number.POSITIVE_INFINITY)];
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2;
    if (sizeOf(sizes, at(middle)) > sizeBits) low = middle;
    else high = middle;
  }
  return at(high);
}

/** Bits of a whole policy with these weight bits and one width for activations, as far as layers may have it. */
export function withActivations({ space }: SearchProblem, weights: readonly number[], width: number): Bits {
  const choices = decisionChoices(space);
  return Uint8Array.from(choices, (widths, decision) => {
    if (isWeight(decision)) return weights[layerOf(decision)] as number;
    return nearestChoice(widths, width);
  });
}

const sizeOf = (sizes: readonly number[], bits: readonly number[]) =>
  sizes.reduce((sum, size, layer) => sum + size * (bits[layer] as number), 0);

function nearestTo(choices: readonly number[], bits: number): number {
  return choices.reduce((best, choice) => (Math.abs(choice - bits) < Math.abs(best - bits) ? choice : best));
}

function neighboursOf(choices: readonly number[], bits: number): readonly number[] {
  const [below, above] = [nearestChoice(choices, bits), widerChoice(choices, bits)];
  return below === above ? [below] : [below, above];
}
