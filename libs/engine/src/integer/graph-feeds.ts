import type { IntegerGraph } from '@bitwright/hago';
import type { DataType, Feed, GraphBuilder, GraphTensor, TensorValues } from '@bitwright/tensor';

/** Where a fed value is found in an integer graph of the same structure. */
type Read = (graph: IntegerGraph) => TensorValues;

/** Values of an integer graph that are given with each run, so that other scales and codes need no other session. */
export interface GraphFeeds {
  /** A tensor whose values are read from the graph that is to be run. */
  tensor(dtype: DataType, shape: readonly number[], read: Read): GraphTensor;
  /** What to feed for a graph of this structure. */
  of(integers: IntegerGraph): readonly Feed[];
}

export function createGraphFeeds(graph: GraphBuilder): GraphFeeds {
  const entries: { readonly target: GraphTensor; readonly read: Read }[] = [];
  return {
    tensor: (dtype, shape, read) => {
      const target = graph.placeholder(dtype, shape);
      entries.push({ target, read });
      return target;
    },
    of: (integers) => entries.map(({ target, read }) => ({ target, values: read(integers) })),
  };
}
