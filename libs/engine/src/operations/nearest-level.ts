import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';

/** Values as their nearest levels. */
export type NearestLevel = {
  readonly output: GraphTensor;
  readonly backward: (gradient: GraphTensor) => {
    /** The gradient between the outermost levels, 0 beyond. */
    readonly input: GraphTensor;
    /**
     * `[4, levels]`: of the values nearest to each level the sum of gradients, of their squares, of the values, and how
     * many there are. Of equal levels the first has them all.
     */
    readonly sums: GraphTensor;
  };
};

/**
 * Each value as the nearest of at most 256 ascending levels (a vector); half way goes to the upper one. One kernel of our
 * own: TensorFlow has no operation that finds a nearest level, gathers it and sums gradients by level in one pass.
 */
export function nearestLevel(graph: GraphBuilder, input: GraphTensor, levels: GraphTensor): NearestLevel {
  const { shape } = input;
  const [output] = graph.operation('BitwrightNearestLevel', { inputs: [input, levels], outputs: [{ shape }] });
  const backward = (gradient: GraphTensor) => {
    const [toInput, sums] = graph.operation('BitwrightNearestLevelGrad', {
      inputs: [input, levels, gradient],
      outputs: [{ shape }, { shape: [4, ...levels.shape] }],
    });
    return { input: toInput as GraphTensor, sums: sums as GraphTensor };
  };
  return { output: output as GraphTensor, backward };
}
