import { readFileSync } from 'node:fs';
import { createRandomSource } from '@bitwright/core';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import { expect, test } from 'vitest';
import { type AgentState, type Batch, createDdpgAgent, initialAgentState } from './ddpg-agent.js';
import { actorLayout, criticLayout, initialParameters, type ParameterLayout } from './parameters.js';
import { actorGradient, type BatchTensors, criticGradient } from './update-graph.js';

type Named = Record<string, number[]>;
type Update = {
  batch: Record<keyof Batch, number[]>;
  loss: number;
  gradients: Record<'actor' | 'critic', Named>;
  after: Record<'actor' | 'critic', Named>;
  targets: Record<'actor' | 'critic', Named>;
};

const fixture = JSON.parse(readFileSync(new URL('fixtures/pytorch-updates.json', import.meta.url), 'utf8')) as {
  sizes: { state: number; hidden1: number; hidden2: number; batchSize: number };
  settings: { discountFactor: number; targetRate: number; actorLearningRate: number; criticLearningRate: number };
  initial: Record<'actor' | 'critic', Named>;
  updates: Update[];
};
const layouts = { actor: actorLayout(fixture.sizes), critic: criticLayout(fixture.sizes) };

test('three updates leave the networks and their slow copies as PyTorch leaves them', async () => {
  const options = { ...fixture.sizes, ...fixture.settings };
  using agent = await createDdpgAgent(options, startFrom(fixture.initial));
  for (const { batch, loss, after, targets } of fixture.updates) {
    expect(agent.update(toBatch(batch))).toBeCloseTo(loss, 5);
    const [actor, actorTarget, , , critic, criticTarget] = agent.read().vectors;
    expectClose(actor, pack(layouts.actor, after.actor), 2e-6);
    expectClose(critic, pack(layouts.critic, after.critic), 2e-5);
    expectClose(actorTarget, pack(layouts.actor, targets.actor), 1e-6);
    expectClose(criticTarget, pack(layouts.critic, targets.critic), 2e-6);
  }
});

test("the gradients of the critic's first step are PyTorch's", () => {
  const first = fixture.updates[0] as Update;
  const critic = gradientsAt(
    pack(layouts.actor, fixture.initial.actor),
    pack(layouts.critic, fixture.initial.critic),
    toBatch(first.batch),
    valueTargetOf(first),
  );
  expectClose(critic.critic, pack(layouts.critic, first.gradients.critic), 1e-5);
});

test("the actor's gradient through the critic after its step is PyTorch's", () => {
  const first = fixture.updates[0] as Update;
  const found = gradientsAt(
    pack(layouts.actor, fixture.initial.actor),
    pack(layouts.critic, first.after.critic),
    toBatch(first.batch),
    new Float32Array(fixture.sizes.batchSize),
  );
  expectClose(found.actor, pack(layouts.actor, first.gradients.actor), 1e-6);
});

test('the backpropagated gradients agree with finite differences', () => {
  const random = createRandomSource(4);
  const [actor, critic] = [initialParameters(layouts.actor, random), initialParameters(layouts.critic, random)];
  const batch = toBatch((fixture.updates[1] as Update).batch);
  const target = Float32Array.from({ length: fixture.sizes.batchSize }, () => random.normal());
  const found = gradientsAt(actor, critic, batch, target);
  for (let trial = 0; trial < 5; trial += 1) {
    const along = (vector: Float32Array) => Float32Array.from(vector, () => random.normal());
    const [actorDirection, criticDirection] = [along(actor), along(critic)];
    const step = 1e-3;
    const at = (sign: number) => ({
      loss: gradientsAt(actor, moved(critic, criticDirection, sign * step), batch, target).loss,
      objective: gradientsAt(moved(actor, actorDirection, sign * step), critic, batch, target).objective,
    });
    const [ahead, behind] = [at(1), at(-1)];
    expect(dot(found.critic, criticDirection)).toBeCloseTo((ahead.loss - behind.loss) / (2 * step), 2);
    // The actor steps down -J.
    expect(dot(found.actor, actorDirection)).toBeCloseTo(-(ahead.objective - behind.objective) / (2 * step), 2);
  }
});

test('an agent that is read and written back goes on in the same way', async () => {
  const options = { ...fixture.sizes, ...fixture.settings };
  const batch = toBatch((fixture.updates[0] as Update).batch);
  using first = await createDdpgAgent(options, initialAgentState(options, createRandomSource(1)));
  first.update(batch);
  using second = await createDdpgAgent(options, first.read());
  expect(second.update(batch)).toBe(first.update(batch));
  expect(second.read()).toEqual(first.read());
});

/** The graph's parts without the updates. */
function gradientsAt(actor: Float32Array, critic: Float32Array, batch: Batch, target: Float32Array) {
  const graph = new GraphBuilder();
  const { state, batchSize } = fixture.sizes;
  const constant = (values: Float32Array, width: number) => graph.constant(values, [batchSize, width]);
  const tensors: BatchTensors = {
    state: constant(batch.state, state),
    action: constant(batch.action, 1),
    reward: constant(batch.reward, 1),
    nextState: constant(batch.nextState, state),
    notDone: constant(batch.notDone, 1),
  };
  const flat = { actor: graph.constant(actor, [actor.length]), critic: graph.constant(critic, [critic.length]) };
  const networks = { actor: { layout: layouts.actor }, critic: { layout: layouts.critic } };
  const value = criticGradient(graph, flat.critic, layouts.critic, tensors, constant(target, 1));
  const policy = actorGradient(graph, flat, networks, tensors.state);
  using session = createSession(graph);
  const [criticVector, actorVector, loss, objective] = session.run(
    [],
    [value.gradient, policy.gradient, value.loss, policy.objective],
  );
  return {
    critic: criticVector?.values as Float32Array,
    actor: actorVector?.values as Float32Array,
    loss: loss?.values[0] as number,
    objective: objective?.values[0] as number,
  };
}

/** y of the first update, recomputed plainly: the slow copies still equal the networks. */
function valueTargetOf({ batch }: Update): Float32Array {
  const { batchSize, state, hidden1 } = fixture.sizes;
  const { actor, critic } = fixture.initial;
  const weights = (named: Named, name: string) => named[name] as number[];
  const layer = (input: number[], weight: number[], bias: number[]) =>
    bias.map((start, output) =>
      input.reduce((sum, value, index) => sum + value * (weight[index * bias.length + output] as number), start),
    );
  const relu = (vector: number[]) => vector.map((value) => Math.max(0, value));
  return Float32Array.from({ length: batchSize }, (_, sample) => {
    const next = batch.nextState.slice(sample * state, (sample + 1) * state);
    const hidden = relu(
      layer(relu(layer(next, weights(actor, 'W1'), weights(actor, 'b1'))), weights(actor, 'W2'), weights(actor, 'b2')),
    );
    const action = 1 / (1 + Math.exp(-(layer(hidden, weights(actor, 'W3'), weights(actor, 'b3'))[0] as number)));
    const fromState = layer(next, weights(critic, 'Ws'), weights(critic, 'bs'));
    const fromAction = layer([action], weights(critic, 'Wa'), weights(critic, 'ba'));
    const first = relu(
      Array.from({ length: hidden1 }, (__, index) => (fromState[index] as number) + (fromAction[index] as number)),
    );
    const second = relu(layer(first, weights(critic, 'W2'), weights(critic, 'b2')));
    const value = layer(second, weights(critic, 'W3'), weights(critic, 'b3'))[0] as number;
    return (
      (batch.reward[sample] as number) + fixture.settings.discountFactor * (batch.notDone[sample] as number) * value
    );
  });
}

function startFrom(initial: Record<'actor' | 'critic', Named>): AgentState {
  const vectors = (['actor', 'critic'] as const).flatMap((name) => {
    const theta = pack(layouts[name], initial[name]);
    return [theta, theta.slice(), new Float32Array(theta.length), new Float32Array(theta.length)];
  });
  return { updates: 0, vectors };
}

function pack(layout: ParameterLayout, named: Named): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const { name, offset } of layout.parameters) flat.set(named[name] as number[], offset);
  return flat;
}

const toBatch = (batch: Update['batch']) =>
  Object.fromEntries(Object.entries(batch).map(([name, values]) => [name, Float32Array.from(values)])) as Batch;
const moved = (from: Float32Array, direction: Float32Array, by: number) =>
  from.map((value, index) => value + by * (direction[index] as number));
const dot = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);

function expectClose(found: Float32Array | undefined, expected: Float32Array, tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  const largest = expected.reduce(
    (worst, value, index) => Math.max(worst, Math.abs(value - (found?.[index] as number))),
    0,
  );
  expect(largest).toBeLessThan(tolerance);
}
