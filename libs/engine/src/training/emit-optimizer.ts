import type { GraphBuilder, GraphTensor, Variable } from '@bitwright/tensor';
import { add, floats, integers, multiply } from '../operations/arithmetic.js';

export type SgdOptions = {
  readonly momentum: number;
  /** Added to the gradient as `weightDecay * value`, where `decays` says so. */
  readonly weightDecay: number;
  readonly decays: (name: string) => boolean;
};

export type TrainedVariable = {
  readonly name: string;
  readonly variable: Variable;
  readonly value: GraphTensor;
  readonly gradient: GraphTensor;
};

/** `step`: nodes that update every variable. `reset`: nodes that set the velocities to 0, needed once before. */
export type EmittedOptimizer = { readonly step: readonly string[]; readonly reset: readonly string[] };

/** Stochastic gradient descent with momentum: v = m v + g + d w; w = w - rate v. */
export function emitSgd(
  graph: GraphBuilder,
  trained: readonly TrainedVariable[],
  rate: GraphTensor,
  options: SgdOptions,
): EmittedOptimizer {
  const momentum = floats(graph, options.momentum);
  const decay = floats(graph, options.weightDecay);
  const reset: string[] = [];
  const step = trained.map(({ name, variable, value, gradient }) => {
    const decays = options.weightDecay > 0 && options.decays(name);
    const total = decays ? add(graph, gradient, multiply(graph, value, decay)) : gradient;
    const velocity = graph.variable('float32', variable.shape);
    reset.push(graph.assign(velocity, zeros(graph, variable.shape)));
    const attributes = { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: false } } as const;
    return graph.update('ResourceApplyMomentum', [variable, velocity], { inputs: [rate, total, momentum], attributes });
  });
  return { step, reset };
}

/** A tensor of zeros. */
export function zeros(graph: GraphBuilder, shape: readonly number[]): GraphTensor {
  const inputs = [integers(graph, shape), floats(graph, 0)];
  return graph.operation('Fill', {
    inputs,
    attributes: { T: { type: 'float32' } },
    outputs: [{ shape }],
  })[0] as GraphTensor;
}
