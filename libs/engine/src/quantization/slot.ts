import type { GraphBuilder, GraphTensor, Variable } from '@bitwright/tensor';

/** A variable that is fed from outside: running `stored` copies what `feed` is given. */
export type Slot = {
  readonly variable: Variable;
  readonly value: GraphTensor;
  readonly feed: GraphTensor;
  readonly stored: GraphTensor;
};

export function declareSlot(graph: GraphBuilder, dtype: 'int32' | 'float32', shape: readonly number[]): Slot {
  const variable = graph.variable(dtype, shape);
  const feed = graph.placeholder(dtype, shape);
  const stored = graph.signal([graph.assign(variable, feed)]);
  return { variable, feed, value: graph.read(variable), stored };
}
