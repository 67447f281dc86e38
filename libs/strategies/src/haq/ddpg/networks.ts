import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import {
  biasGradient,
  elementwise,
  linear,
  linearRelu,
  matmul,
  relu,
  reluGradient,
  sigmoid,
  sigmoidGradient,
} from './graph-operations.js';

type Named = Readonly<Record<string, GraphTensor>>;

const parameter = (parameters: Named, name: string) => parameters[name] as GraphTensor;

/** What the way back needs of the way forth. */
type Activations = { readonly hidden1: GraphTensor; readonly hidden2: GraphTensor; readonly output: GraphTensor };

/** μ(s) = sigmoid(W3 relu(W2 relu(W1 s + b1) + b2) + b3). */
export function actorForward(graph: GraphBuilder, theta: Named, state: GraphTensor): Activations {
  const hidden1 = linearRelu(graph, state, parameter(theta, 'W1'), parameter(theta, 'b1'));
  const hidden2 = linearRelu(graph, hidden1, parameter(theta, 'W2'), parameter(theta, 'b2'));
  return {
    hidden1,
    hidden2,
    output: sigmoid(graph, linear(graph, hidden2, parameter(theta, 'W3'), parameter(theta, 'b3'))),
  };
}

/** Q(s, a) = W3 relu(W2 relu(W_s s + b_s + W_a a + b_a) + b2) + b3. */
export function criticForward(graph: GraphBuilder, theta: Named, state: GraphTensor, action: GraphTensor): Activations {
  const fromState = linear(graph, state, parameter(theta, 'Ws'), parameter(theta, 'bs'));
  const fromAction = linear(graph, action, parameter(theta, 'Wa'), parameter(theta, 'ba'));
  const hidden1 = relu(graph, elementwise(graph, 'AddV2', fromState, fromAction));
  const hidden2 = linearRelu(graph, hidden1, parameter(theta, 'W2'), parameter(theta, 'b2'));
  return { hidden1, hidden2, output: linear(graph, hidden2, parameter(theta, 'W3'), parameter(theta, 'b3')) };
}

/** ∂/∂θ of the actor, given the gradient of its output. */
export function actorBackward(
  graph: GraphBuilder,
  theta: Named,
  state: GraphTensor,
  forward: Activations,
  gradient: GraphTensor,
): Named {
  const delta3 = sigmoidGradient(graph, gradient, forward.output);
  const upper = upperGradients(graph, theta, forward, delta3);
  return { ...upper.gradients, W1: matmul(graph, state, upper.delta1, 'a'), b1: biasGradient(graph, upper.delta1) };
}

/** ∂/∂θ of the critic, given the gradient of its output. */
export function criticBackward(
  graph: GraphBuilder,
  theta: Named,
  input: { readonly state: GraphTensor; readonly action: GraphTensor },
  forward: Activations,
  gradient: GraphTensor,
): Named {
  const { gradients, delta1 } = upperGradients(graph, theta, forward, gradient);
  // Both biases add to the same sum, so they share one gradient.
  const bias = biasGradient(graph, delta1);
  const Ws = matmul(graph, input.state, delta1, 'a');
  return { ...gradients, Ws, bs: bias, Wa: matmul(graph, input.action, delta1, 'a'), ba: bias };
}

/** ∂/∂a of the critic, given the gradient of its output. */
export function actionGradient(
  graph: GraphBuilder,
  theta: Named,
  forward: Activations,
  gradient: GraphTensor,
): GraphTensor {
  const delta1 = deltaOfHidden1(graph, theta, forward, deltaOfHidden2(graph, theta, forward, gradient));
  return matmul(graph, delta1, parameter(theta, 'Wa'), 'b');
}

function upperGradients(graph: GraphBuilder, theta: Named, forward: Activations, delta3: GraphTensor) {
  const delta2 = deltaOfHidden2(graph, theta, forward, delta3);
  const gradients = {
    W3: matmul(graph, forward.hidden2, delta3, 'a'),
    b3: biasGradient(graph, delta3),
    W2: matmul(graph, forward.hidden1, delta2, 'a'),
    b2: biasGradient(graph, delta2),
  };
  return { gradients, delta1: deltaOfHidden1(graph, theta, forward, delta2) };
}

const deltaOfHidden2 = (graph: GraphBuilder, theta: Named, { hidden2 }: Activations, delta3: GraphTensor) =>
  reluGradient(graph, matmul(graph, delta3, parameter(theta, 'W3'), 'b'), hidden2);

const deltaOfHidden1 = (graph: GraphBuilder, theta: Named, { hidden1 }: Activations, delta2: GraphTensor) =>
  reluGradient(graph, matmul(graph, delta2, parameter(theta, 'W2'), 'b'), hidden1);
