import type { GraphBuilder, GraphTensor, Variable } from '@bitwright/tensor';
import { elementwise, mean, moveTowards, pack, scalar, unpack } from './graph-operations.js';
import { actionGradient, actorBackward, actorForward, criticBackward, criticForward } from './networks.js';
import type { ParameterLayout } from './parameters.js';

/** A minibatch of N transitions; all but the states are [N, 1]. */
export type BatchTensors = {
  readonly state: GraphTensor;
  readonly action: GraphTensor;
  /** r - B: the reward above the moving baseline. */
  readonly reward: GraphTensor;
  readonly nextState: GraphTensor;
  /** 0 after the last step of an episode, else 1. */
  readonly notDone: GraphTensor;
};

/** A network's flat vectors: θ, its slow copy θ', and Adam's first and second moment. */
export type LearnedVariables = {
  readonly layout: ParameterLayout;
  readonly theta: Variable;
  readonly target: Variable;
  readonly firstMoment: Variable;
  readonly secondMoment: Variable;
};

/** Adam's step size and ε with the bias corrections of step t in them. */
export type AdamStep = { readonly rate: GraphTensor; readonly epsilon: GraphTensor };

export type UpdateSettings = { readonly discountFactor: number; readonly targetRate: number };

/** y = (r - B) + γ notDone Q'(s', μ'(s')). */
function valueTarget(
  graph: GraphBuilder,
  actorTarget: GraphTensor,
  criticTarget: GraphTensor,
  networks: Layouts,
  batch: BatchTensors,
  discountFactor: number,
) {
  const actor = unpack(graph, actorTarget, networks.actor.layout);
  const critic = unpack(graph, criticTarget, networks.critic.layout);
  const nextAction = actorForward(graph, actor, batch.nextState).output;
  const nextValue = criticForward(graph, critic, batch.nextState, nextAction).output;
  const discounted = elementwise(
    graph,
    'Mul',
    elementwise(graph, 'Mul', nextValue, batch.notDone),
    scalar(graph, discountFactor),
  );
  return elementwise(graph, 'AddV2', discounted, batch.reward);
}

/** L = mean (Q(s, a) - y)^2 and ∂L/∂θ_Q. */
export function criticGradient(
  graph: GraphBuilder,
  flat: GraphTensor,
  layout: ParameterLayout,
  batch: BatchTensors,
  target: GraphTensor,
) {
  const theta = unpack(graph, flat, layout);
  const forward = criticForward(graph, theta, batch.state, batch.action);
  const loss = mean(graph, elementwise(graph, 'SquaredDifference', forward.output, target));
  const perSample = scalar(graph, 2 / (batch.state.shape[0] as number));
  const gradient = elementwise(graph, 'Mul', elementwise(graph, 'Sub', forward.output, target), perSample);
  return { loss, gradient: pack(graph, criticBackward(graph, theta, batch, forward, gradient), layout) };
}

/** J = mean Q(s, μ(s)) and -∂J/∂θ_μ, the direction for a step down. */
export function actorGradient(
  graph: GraphBuilder,
  flat: { readonly actor: GraphTensor; readonly critic: GraphTensor },
  networks: Layouts,
  state: GraphTensor,
) {
  const count = state.shape[0] as number;
  const theta = unpack(graph, flat.actor, networks.actor.layout);
  const critic = unpack(graph, flat.critic, networks.critic.layout);
  const actor = actorForward(graph, theta, state);
  const value = criticForward(graph, critic, state, actor.output);
  const ascent = graph.constant(new Float32Array(count).fill(-1 / count), [count, 1]);
  const gradient = actorBackward(graph, theta, state, actor, actionGradient(graph, critic, value, ascent));
  return { objective: mean(graph, value.output), gradient: pack(graph, gradient, networks.actor.layout) };
}

export type Networks = Readonly<Record<'actor' | 'critic', LearnedVariables>>;

type Layouts = Readonly<Record<'actor' | 'critic', Pick<LearnedVariables, 'layout'>>>;

/**
 * One DDPG update (Lillicrap et al., algorithm 1), in its order: value target, critic step, actor step through the new
 * critic, slow copies. Gives the critic's loss, which is there once all is done.
 */
export function ddpgUpdate(
  graph: GraphBuilder,
  networks: Networks,
  batch: BatchTensors,
  adam: { readonly actor: AdamStep; readonly critic: AdamStep },
  { discountFactor, targetRate }: UpdateSettings,
): GraphTensor {
  const { actor, critic } = networks;
  const target = valueTarget(
    graph,
    graph.read(actor.target),
    graph.read(critic.target),
    networks,
    batch,
    discountFactor,
  );
  const { loss, gradient } = criticGradient(graph, graph.read(critic.theta), critic.layout, batch, target);
  const criticStep = adamStep(graph, critic, gradient, adam.critic);
  const newCritic = graph.read(critic.theta, [criticStep]);
  const policy = actorGradient(graph, { actor: graph.read(actor.theta), critic: newCritic }, networks, batch.state);
  const actorStep = adamStep(graph, actor, policy.gradient, adam.actor);
  const slowCopies = [
    moveTowards(graph, actor.target, graph.read(actor.theta, [actorStep]), targetRate),
    moveTowards(graph, critic.target, newCritic, targetRate),
  ];
  const [done] = graph.operation('Identity', {
    inputs: [loss],
    attributes: { T: { type: 'float32' } },
    outputs: [{ shape: [] }],
    after: slowCopies,
  });
  return done as GraphTensor;
}

/** β1 = 0.9, β2 = 0.999; the bias corrections come with the step size, so the powers of β here are 0. */
function adamStep(
  graph: GraphBuilder,
  network: LearnedVariables,
  gradient: GraphTensor,
  { rate, epsilon }: AdamStep,
): string {
  const inputs = [
    scalar(graph, 0),
    scalar(graph, 0),
    rate,
    scalar(graph, ADAM.beta1),
    scalar(graph, ADAM.beta2),
    epsilon,
    gradient,
  ];
  return graph.update('ResourceApplyAdam', [network.theta, network.firstMoment, network.secondMoment], {
    inputs,
    attributes: { T: { type: 'float32' } },
  });
}

export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
