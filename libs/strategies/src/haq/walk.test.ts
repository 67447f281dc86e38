import { createRandomSource } from '@bitwright/core';
import { expect, test } from 'vitest';
import { decisionChoices } from '../allocation/decisions.js';
import { createProblem, separableLayers } from '../testing/problems.js';
import { explorationDeviation, truncatedNormal } from './exploration-noise.js';
import { readHaqOptions } from './haq-options.js';
import { ReplayBuffer } from './replay-buffer.js';
import { createWalk } from './walk.js';

const problem = createProblem({ layers: separableLayers(1), latencyRatio: 0.5 });

function walkWith(options: Record<string, unknown> = {}, of = problem) {
  return createWalk(of, decisionChoices(of.space), readHaqOptions(options, of));
}

/** The columns that the walk fills. */
function memoryOf(walk: ReturnType<typeof walkWith>, step: number, memory: { previous: number; flag: number }) {
  const state = new Float32Array(walk.stateSize);
  walk.writeState(step, memory, state, 0);
  return [...state.subarray(8)];
}

test('linear decides weights, then activations of each layer; k-means weights alone', () => {
  expect(walkWith().decisions).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const weightsOnly = createProblem({
    layers: separableLayers(1),
    sizeRatio: 0.5,
    weightQuantizer: 'k-means',
    activationBits: [32],
  });
  const walk = walkWith({}, weightsOnly);
  expect(walk.decisions).toEqual([0, 2, 4, 6]);
  expect(walk.stateSize).toBe(9);
  expect(walk.memoryAfter(0, 0.5)).toMatchObject({ previous: 4 });
});

test('a state remembers the bits before it over the most bits, and whether weights or activations come', () => {
  const walk = walkWith();
  expect(memoryOf(walk, 0, walk.firstMemory(undefined))).toEqual([1, 1]);
  expect(memoryOf(walk, 1, walk.memoryAfter(0, 1))).toEqual([1, 0]);
  expect(memoryOf(walk, 2, walk.memoryAfter(1, 0.5))).toEqual([0.5, 1]);
});

test("the reference's flag, its bits below the least and its stale first state can be had", () => {
  const walk = walkWith({ compat: { invertedFlag: true, unclampedAction: true, keepEmbedding: true } });
  expect(walk.memoryAfter(0, 0)).toEqual({ previous: 0, flag: 1 });
  expect(walk.memoryAfter(1, 1)).toEqual({ previous: 1, flag: 0 });
  const last = walk.trajectoryOf(new Uint8Array(8).fill(4));
  expect(walk.firstMemory(last)).toEqual({ previous: 0.5, flag: 1 });
  expect(walk.firstMemory(undefined)).toEqual({ previous: 1, flag: 1 });
});

test('the trajectory of some bits leads to them', () => {
  const walk = walkWith();
  const bits = Uint8Array.of(8, 1, 3, 7, 2, 5, 4, 6);
  const { actions, memories } = walk.trajectoryOf(bits);
  expect([...actions].map((action, step) => walk.choiceFor(step, action))).toEqual([...bits]);
  expect(memories[1]).toEqual(walk.memoryAfter(0, actions[0] as number));
});

test('the replay gives back states, rewards and which step was the last, and forgets the oldest', () => {
  const walk = walkWith();
  const replay = new ReplayBuffer(3);
  const memory = { previous: 0.25, flag: 0 };
  for (const reward of [1, 2, 3, 4]) {
    replay.push({
      step: 7,
      memory,
      action: reward / 10,
      reward,
      next: reward === 4 ? undefined : { previous: 0.5, flag: 1 },
    });
  }
  const batch = replay.sample(3, walk, createRandomSource(1));
  expect([...batch.reward].sort()).toEqual([2, 3, 4]);
  const last = batch.reward.indexOf(4);
  expect([batch.notDone[last], batch.notDone[(last + 1) % 3]]).toEqual([0, 1]);
  expect([...batch.state.subarray(8, 10)]).toEqual([0.25, 0]);
});

test('exploration draws stay in 0..1 around the actor and narrow from episode to episode', () => {
  const random = createRandomSource(5);
  const draws = Array.from({ length: 4000 }, () => truncatedNormal(0.3, 0.1, random));
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThanOrEqual(1);
  expect(draws.reduce((sum, value) => sum + value, 0) / draws.length).toBeCloseTo(0.3, 1);
  expect(truncatedNormal(0.3, 0, random)).toBe(0.3);
  const schedule = { noise: 0.5, noiseDecay: 0.99, warmUp: 20 };
  expect(explorationDeviation(20, schedule)).toBe(0.5);
  expect(explorationDeviation(120, schedule)).toBeCloseTo(0.5 * 0.99 ** 100, 12);
});

test('a long search decays its noise as the reference does, a short one reaches the same in its time', () => {
  const decayOf = (maxTrials: number) => readHaqOptions({}, { ...problem, maxTrials }).noiseDecay;
  expect(decayOf(600)).toBeCloseTo(0.99, 12);
  expect(decayOf(40) ** 30).toBeCloseTo(0.99 ** 580, 8);
  expect(readHaqOptions({ noiseDecay: 0.99 }, { ...problem, maxTrials: 40 }).noiseDecay).toBe(0.99);
});
