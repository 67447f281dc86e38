import type { Fidelity, PinRule } from '@bitwright/core';
import type { BitBudget } from './bit-budget.js';

/** How levels and bits are learned. */
export type LearningOptions = {
  /** B: bits that every tensor starts with, and the fewest that it may end with. */
  readonly maximumBits: number;
  readonly minimumBits: number;
  readonly pin: PinRule;
  readonly order: 1 | 2;
  /** Rate of the levels, in shares of a tensor's first range. */
  readonly levelRate: number;
  /** How far a level goes towards the mean of its values in a step, 0..1. */
  readonly correction: number;
  /** How far a gate's score moves in a hundredth of the training, where 1 is its whole range from 0. */
  readonly gateRate: number;
};

export type Learning = {
  readonly budgets: readonly BitBudget[];
  readonly fidelity: Fidelity;
  readonly seed: number;
  readonly options: LearningOptions;
};
