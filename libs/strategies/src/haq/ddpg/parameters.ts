import type { RandomSource } from '@bitwright/core';

/** One parameter tensor inside a network's flat vector. */
export type Parameter = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
};

/** Where each parameter of a network lies in its flat vector. */
export type ParameterLayout = { readonly parameters: readonly Parameter[]; readonly size: number };

export type NetworkSizes = { readonly state: number; readonly hidden1: number; readonly hidden2: number };

/**
 * Actor: s -> hidden1 -> hidden2 -> 1. The largest matrix comes first: TensorFlow slices it off the flat vector without
 * a copy when it starts on an aligned address.
 */
export function actorLayout({ state, hidden1, hidden2 }: NetworkSizes): ParameterLayout {
  return layoutOf([
    ['W2', [hidden1, hidden2]],
    ['W1', [state, hidden1]],
    ['b1', [hidden1]],
    ['b2', [hidden2]],
    ['W3', [hidden2, 1]],
    ['b3', [1]],
  ]);
}

/** Critic: (W_s s + W_a a) -> hidden1 -> hidden2 -> 1; state and action each have a layer, and a bias, of their own. */
export function criticLayout({ state, hidden1, hidden2 }: NetworkSizes): ParameterLayout {
  return layoutOf([
    ['W2', [hidden1, hidden2]],
    ['Ws', [state, hidden1]],
    ['bs', [hidden1]],
    ['Wa', [1, hidden1]],
    ['ba', [hidden1]],
    ['b2', [hidden2]],
    ['W3', [hidden2, 1]],
    ['b3', [1]],
  ]);
}

/** Fresh parameters: uniform within 1 / sqrt(inputs of the layer), biases too, as PyTorch's linear layers start. */
export function initialParameters(layout: ParameterLayout, random: RandomSource): Float32Array {
  const values = new Float32Array(layout.size);
  for (const { name, offset, size } of layout.parameters) {
    const weight = layout.parameters.find((parameter) => parameter.name === name.replace('b', 'W')) as Parameter;
    const bound = 1 / Math.sqrt(weight.shape[0] as number);
    for (let index = offset; index < offset + size; index += 1) values[index] = (2 * random.uniform() - 1) * bound;
  }
  return values;
}

function layoutOf(shapes: readonly (readonly [string, readonly number[]])[]): ParameterLayout {
  let offset = 0;
  const parameters = shapes.map(([name, shape]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const parameter = { name, shape, offset, size };
    offset += size;
    return parameter;
  });
  return { parameters, size: offset };
}
