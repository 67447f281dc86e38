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
