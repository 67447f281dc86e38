import type { SearchProblem } from '@bitwright/core';
import { type Bits, isWeight, layerOf } from '../allocation/decisions.js';
import { actionToChoice, bitRange, bitsToAction, unclampedBits } from './action-map.js';
import type { HaqOptions } from './haq-options.js';
import { type Environment, stateEmbedding, stateSize } from './state-embedding.js';

/** The columns of a state that depend on what was decided before: the previous action's bits, and the flag. */
export type Memory = { readonly previous: number; readonly flag: number };

/** One episode as the networks see it: the actions, and the memory that each state had. */
export type Trajectory = { readonly actions: Float32Array; readonly memories: readonly Memory[] };

/** How HAQ walks through a network: one step per decision, weights then activations of each layer. */
export type Walk = {
  /** The decision (index in {@link Bits}) of each step. */
  readonly decisions: readonly number[];
  readonly stateSize: number;
  /** s_t, written into `target` at `offset`. */
  writeState(step: number, memory: Memory, target: Float32Array, offset: number): void;
  /** What the first state of an episode remembers. */
  firstMemory(last: Trajectory | undefined): Memory;
  /** What the state after a step remembers. */
  memoryAfter(step: number, action: number): Memory;
  choiceFor(step: number, action: number): number;
  /** The episode that would have led to these bits. */
  trajectoryOf(bits: Bits): Trajectory;
};

export function createWalk(
  problem: SearchProblem,
  choices: readonly (readonly number[])[],
  options: Pick<HaqOptions, 'environment' | 'compat'>,
): Walk {
  const { environment, compat } = options;
  const embedding = stateEmbedding(problem.layers, environment);
  const decisions = decisionsOf(environment, choices.length);
  const choicesAt = (step: number) => choices[decisions[step] as number] as readonly number[];
  const mostBits = Math.max(...decisions.map((_, step) => bitRange(choicesAt(step)).maximum));
  const flagAt = (step: number) => (isWeight(decisions[step] as number) === compat.invertedFlag ? 0 : 1);
  const memory = (step: number, bits: number): Memory => ({
    previous: environment === 'linear' ? bits / mostBits : bits,
    flag: step + 1 < decisions.length ? flagAt(step + 1) : 0,
  });
  const walk: Walk = {
    decisions,
    stateSize: stateSize(environment),
    writeState: (step, { previous, flag }, target, offset) => {
      const row = embedding[layerOf(decisions[step] as number)] as Float64Array;
      target.set(row, offset);
      target[offset + 8] = previous;
      if (environment === 'linear') target[offset + 9] = flag;
    },
    firstMemory: (last) =>
      (compat.keepEmbedding && environment === 'linear' ? last?.memories[1] : undefined) ?? { previous: 1, flag: 1 },
    memoryAfter: (step, action) => {
      const range = bitRange(choicesAt(step));
      return memory(
        step,
        compat.unclampedAction ? unclampedBits(action, range) : actionToChoice(action, choicesAt(step)),
      );
    },
    choiceFor: (step, action) => actionToChoice(action, choicesAt(step)),
    trajectoryOf: (bits) => {
      const chosen = decisions.map((decision) => bits[decision] as number);
      const actions = Float32Array.from(chosen, (value, step) => bitsToAction(value, bitRange(choicesAt(step))));
      const memories = [walk.firstMemory(undefined), ...chosen.slice(0, -1).map((value, step) => memory(step, value))];
      return { actions, memories };
    },
  };
  return walk;
}

function decisionsOf(environment: Environment, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, decision) => decision);
  return environment === 'linear' ? all : all.filter(isWeight);
}
