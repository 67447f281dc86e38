import { createRandomSource, permutation } from '@bitwright/core';
import type { Observation } from './observations.js';

/** Up to this many layer shapes, each is held out by itself. */
const FEW_SHAPES = 10;
const FOLDS = 5;

/** Positions of the observations that are held out together; all costs of a layer shape are in one fold. */
export function foldsOf(observations: readonly Observation[], seed: number): readonly (readonly number[])[] {
  const shapes = [...new Set(observations.map(({ shape }) => shape))];
  const count = shapes.length <= FEW_SHAPES ? shapes.length : FOLDS;
  const order = permutation(shapes.length, createRandomSource(seed));
  const foldOf = new Map(shapes.map((shape, index) => [shape, (order[index] as number) % count]));
  return Array.from({ length: count }, (_, fold) =>
    observations.flatMap(({ shape }, index) => (foldOf.get(shape) === fold ? [index] : [])),
  );
}
