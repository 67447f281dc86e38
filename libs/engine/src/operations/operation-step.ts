import type { GraphTensor } from '@bitwright/tensor';

/** What an operation's backward pass gives: a gradient per input (undefined: none) and per parameter role. */
export type Gradients = {
  readonly inputs: readonly (GraphTensor | undefined)[];
  readonly parameters: Readonly<Record<string, GraphTensor>>;
};

/**
 * One node of the network in a TensorFlow graph: its output, and how a gradient goes back through it.
 * `needsInput` is false where nobody wants the gradient of the input (the first layer).
 */
export type OperationStep = {
  readonly output: GraphTensor;
  readonly backward: (gradient: GraphTensor, needsInput: boolean) => Gradients;
  /** Running statistics after this step, by role; only batch normalization in training has them. */
  readonly statistics?: Readonly<Record<string, GraphTensor>>;
};

export const onlyInput = (gradient: GraphTensor | undefined): Gradients => ({ inputs: [gradient], parameters: {} });

/** The same step with `<node>.<role>` in place of roles, by the node that each role belongs to. */
export function nameRoles(step: OperationStep, nodeOf: (role: string) => string): OperationStep {
  const named = (tensors: Readonly<Record<string, GraphTensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([role, tensor]) => [`${nodeOf(role)}.${role}`, tensor]));
  return {
    output: step.output,
    ...(step.statistics === undefined ? {} : { statistics: named(step.statistics) }),
    backward: (gradient, needsInput) => {
      const { inputs, parameters } = step.backward(gradient, needsInput);
      return { inputs, parameters: named(parameters) };
    },
  };
}
