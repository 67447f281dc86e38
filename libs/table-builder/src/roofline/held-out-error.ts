import { createRandomSource, permutation } from '@bitwright/core';
import { meanOf } from '../mean.js';
import { fitRoofline, type Observation } from './fit-roofline.js';
import { predictMs } from './roofline.js';

/** Of one layer shape, at the pairs of bits that were measured. */
export type ShapeObservations = readonly Observation[];

const FOLDS = 5;

/**
 * Mean absolute error, percent, of guesses for shapes that the fit has not seen: each shape is left out once, in five
 * groups. Undefined where no cell of a shape left out could be guessed.
 */
export function heldOutErrorPercent(shapes: readonly ShapeObservations[], seed: number): number | undefined {
  const order = permutation(shapes.length, createRandomSource(seed));
  const errors: number[] = [];
  for (let fold = 0; fold < Math.min(FOLDS, shapes.length); fold += 1) {
    const isHeldOut = (_: unknown, index: number) => (order[index] as number) % FOLDS === fold;
    const seen = shapes.filter((shape, index) => !isHeldOut(shape, index)).flat();
    if (seen.length === 0) continue;
    const roofline = fitRoofline(seen);
    for (const observation of shapes.filter(isHeldOut).flat()) {
      const guess = predictMs(roofline, observation);
      if (guess !== undefined) errors.push((100 * Math.abs(guess - observation.latencyMs)) / observation.latencyMs);
    }
  }
  return errors.length === 0 ? undefined : meanOf(errors);
}
