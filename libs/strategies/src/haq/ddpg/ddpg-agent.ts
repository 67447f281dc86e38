import { setImmediate } from 'node:timers/promises';
import type { RandomSource } from '@bitwright/core';
import type { Feed, GraphBuilder, GraphTensor, Session, Variable } from '@bitwright/tensor';
import { unpack } from './graph-operations.js';
import { actorForward } from './networks.js';
import { actorLayout, criticLayout, initialParameters, type NetworkSizes, type ParameterLayout } from './parameters.js';
import { ADAM, type AdamStep, type BatchTensors, ddpgUpdate, type LearnedVariables } from './update-graph.js';

export type DdpgOptions = NetworkSizes & {
  readonly batchSize: number;
  readonly actorLearningRate: number;
  readonly criticLearningRate: number;
  /** γ */
  readonly discountFactor: number;
  /** τ: how far the slow copies move towards the networks with each update. */
  readonly targetRate: number;
};

/** Values of a minibatch, row-major; rewards are above the baseline. */
export type Batch = Readonly<Record<'state' | 'action' | 'reward' | 'nextState' | 'notDone', Float32Array>>;

/** Everything that an agent has learned. */
export type AgentState = { readonly updates: number; readonly vectors: readonly Float32Array[] };

/** An actor and a critic that learn by DDPG. Dispose it to free TensorFlow's memory. */
export interface DdpgAgent extends Disposable {
  /** μ(s). */
  act(state: Float32Array): number;
  /** One update of both networks and their slow copies; returns the critic's loss. */
  update(batch: Batch): number;
  read(): AgentState;
  write(state: AgentState): void;
}

/** Fresh networks and their slow copies: what an agent starts from. */
export function initialAgentState(sizes: NetworkSizes, random: RandomSource): AgentState {
  const vectors = [actorLayout(sizes), criticLayout(sizes)].flatMap((layout) => {
    const theta = initialParameters(layout, random);
    return [theta, theta.slice(), new Float32Array(layout.size), new Float32Array(layout.size)];
  });
  return { updates: 0, vectors };
}

/** Compiles the update; TensorFlow is loaded here and not before, so that strategies can be listed without it. */
export async function createDdpgAgent(options: DdpgOptions, start: AgentState): Promise<DdpgAgent> {
  const { createSession, startQuietly, tensorflowVersion, GraphBuilder: Graph } = await import('@bitwright/tensor');
  startQuietly();
  // The first call in a process loads the library, which holds the event loop for some 200 ms: others have their turn behind it.
  tensorflowVersion();
  await setImmediate();
  const graph = new Graph();
  const program = buildProgram(graph, options);
  return new TensorflowAgent(createSession(graph), program, options, start);
}

class TensorflowAgent implements DdpgAgent {
  readonly #session: Session;
  readonly #program: Program;
  readonly #options: DdpgOptions;
  #updates = 0;

  constructor(session: Session, program: Program, options: DdpgOptions, start: AgentState) {
    this.#session = session;
    this.#program = program;
    this.#options = options;
    this.write(start);
  }

  act(state: Float32Array): number {
    const { input, action } = this.#program.policy;
    return this.#fetch([{ target: input, values: state }], action)[0] as number;
  }

  update(batch: Batch): number {
    this.#updates += 1;
    const { tensors, adam, loss } = this.#program.update;
    const names = Object.keys(tensors) as (keyof Batch)[];
    const feeds = names.map((name) => ({ target: tensors[name], values: batch[name] }));
    const steps = [
      ...adamFeeds(adam.actor, this.#options.actorLearningRate, this.#updates),
      ...adamFeeds(adam.critic, this.#options.criticLearningRate, this.#updates),
    ];
    return this.#fetch([...feeds, ...steps], loss)[0] as number;
  }

  read(): AgentState {
    const fetched = this.#session.run(
      [],
      this.#program.vectors.map(({ value }) => value),
    );
    return { updates: this.#updates, vectors: fetched.map(({ values }) => values as Float32Array) };
  }

  write({ updates, vectors }: AgentState): void {
    this.#updates = updates;
    const feeds = this.#program.vectors.map(({ input }, index) => ({
      target: input,
      values: vectors[index] as Float32Array,
    }));
    this.#session.run(
      feeds,
      this.#program.vectors.map(({ assigned }) => assigned),
    );
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
  }

  #fetch(feeds: readonly Feed[], tensor: GraphTensor): Float32Array {
    return this.#session.run(feeds, [tensor])[0]?.values as Float32Array;
  }
}

/** Step size and ε with Adam's corrections for the moments' start at 0, such that the step is PyTorch's. */
function adamFeeds(step: AdamStep, learningRate: number, updates: number): Feed[] {
  const correction = Math.sqrt(1 - ADAM.beta2 ** updates);
  const rate = (learningRate * correction) / (1 - ADAM.beta1 ** updates);
  return [
    { target: step.rate, values: Float32Array.of(rate) },
    { target: step.epsilon, values: Float32Array.of(ADAM.epsilon * correction) },
  ];
}

type Program = ReturnType<typeof buildProgram>;

function buildProgram(graph: GraphBuilder, options: DdpgOptions) {
  const { state, batchSize } = options;
  const networks = {
    actor: createVariables(graph, actorLayout(options)),
    critic: createVariables(graph, criticLayout(options)),
  };
  const column = () => graph.placeholder('float32', [batchSize, 1]);
  const states = () => graph.placeholder('float32', [batchSize, state]);
  const tensors: BatchTensors = {
    state: states(),
    action: column(),
    reward: column(),
    nextState: states(),
    notDone: column(),
  };
  const step = (): AdamStep => ({ rate: graph.placeholder('float32', []), epsilon: graph.placeholder('float32', []) });
  const adam = { actor: step(), critic: step() };
  const loss = ddpgUpdate(graph, networks, tensors, adam, options);
  const input = graph.placeholder('float32', [1, state]);
  const action = actorForward(
    graph,
    unpack(graph, graph.read(networks.actor.theta), networks.actor.layout),
    input,
  ).output;
  const vectors = [networks.actor, networks.critic].flatMap(({ theta, target, firstMoment, secondMoment }) =>
    [theta, target, firstMoment, secondMoment].map((variable) => accessTo(graph, variable)),
  );
  return { policy: { input, action }, update: { tensors, adam, loss }, vectors };
}

function createVariables(graph: GraphBuilder, layout: ParameterLayout): LearnedVariables {
  const vector = () => graph.variable('float32', [layout.size]);
  return { layout, theta: vector(), target: vector(), firstMoment: vector(), secondMoment: vector() };
}

function accessTo(graph: GraphBuilder, variable: Variable) {
  const input = graph.placeholder('float32', variable.shape);
  const assigned = graph.read(variable, [graph.assign(variable, input)]);
  return { input, value: graph.read(variable), assigned };
}
