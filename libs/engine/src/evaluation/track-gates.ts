import type { LayerPrecision } from '@bitwright/core';
import type { TrainingStep } from '../training/training-step.js';
import { bitsOf, gatePressure, type LearnedTensor, usageOf, withBits } from './bit-budget.js';
import { closeGates, openGates } from './close-gates.js';
import type { Learning } from './learning.js';

/** λ rises from the first to the last, in nats, over this share of the training: by the same factor in every step. */
const [LEAST_STRENGTH, MOST_STRENGTH, RISE] = [1e-3, 1e3, 0.4];

/** The last fifth trains with the bits fixed, whether training met the budgets or not. */
const FREEZE = 0.8;

/** The gates of a training, asked before each step. */
export type TrackedGates = {
  /** The bits of all layers now. */
  readonly layers: () => readonly LayerPrecision[];
  /** How hard the budgets press on each gate after so many steps; 0 where they do not. */
  readonly pressure: (done: number) => Float32Array;
};

/** Follows which gates are open, says how hard the budgets press on each, and freezes them when the budgets are met. */
export function trackGates(
  step: TrainingStep,
  tensors: readonly LearnedTensor[],
  start: readonly LayerPrecision[],
  { budgets, options }: Learning,
  steps: number,
): TrackedGates {
  const { maximumBits: bits, minimumBits: least } = options;
  const none = new Float32Array(tensors.length * bits);
  let frozen: readonly LayerPrecision[] | undefined;
  const layers = () => frozen ?? withOpenBits(start, tensors, step.openBits());
  const freeze = (reached: readonly LayerPrecision[]) => {
    const learned = step.levels();
    const scoreOf = (row: number, gate: number) => learned[row]?.scores[gate] ?? -1;
    // Defined, as the fewest bits meet the budgets.
    const met = closeGates(budgets, reached, tensors, least, scoreOf) as readonly LayerPrecision[];
    const fixed = openGates(budgets, met, tensors, bits, scoreOf);
    frozen = fixed;
    step.setLevels(
      learned.map(({ levels }, row) => ({
        levels,
        scores: scoresOf(bits, bitsOf(fixed, tensors[row] as LearnedTensor)),
      })),
    );
  };
  return {
    layers,
    pressure: (done: number) => {
      if (frozen !== undefined) return none;
      const reached = layers();
      const met = budgets.every((budget) => usageOf(budget, reached) <= 1);
      if (met || done >= Math.floor(FREEZE * steps)) {
        freeze(reached);
        return none;
      }
      return gatePressure(budgets, reached, tensors, { bits, least, strength: strengthAt(done / steps) });
    },
  };
}

/** λ after a share of the training. */
function strengthAt(progress: number): number {
  return LEAST_STRENGTH * (MOST_STRENGTH / LEAST_STRENGTH) ** Math.min(1, progress / RISE);
}

function withOpenBits(
  start: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  open: readonly number[],
): readonly LayerPrecision[] {
  return tensors.reduce((layers, tensor, row) => withBits(layers, tensor, open[row] as number), start);
}

const scoresOf = (bits: number, open: number) =>
  Float32Array.from({ length: bits }, (_, gate) => (gate < open ? 1 : -1));
