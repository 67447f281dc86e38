import type { Parameters, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import type { Conversion, IntegerGraph, IntegerKernel, IntegerNode } from '@bitwright/hago';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { declareVariables } from '../network/network-variables.js';
import { cast, reshape } from '../operations/arithmetic.js';
import { composeBatch } from '../samples/batch-composer.js';
import { emitInput } from '../samples/emit-input.js';
import { emitConversion } from './emit-conversion.js';
import { emitFloatNode } from './emit-float-node.js';
import { emitKernel } from './emit-kernel.js';
import { createGraphFeeds, type GraphFeeds } from './graph-feeds.js';

/** A structure of integer graphs, compiled. */
export interface IntegerSession extends Disposable {
  /** Logits of some samples, row by row. */
  logits(integers: IntegerGraph, samples: Samples, indices: Uint32Array): Float32Array;
  /** The codes of every integer tensor (NHWC), by the id of its node, for some samples. */
  codes(integers: IntegerGraph, samples: Samples, indices: Uint32Array): ReadonlyMap<string, Int32Array>;
}

/** Compiles the structure of an integer graph. `parameters` serve what computes in float. */
export function createIntegerSession(
  integers: IntegerGraph,
  parameters: Parameters,
  preprocessing: Preprocessing,
): IntegerSession {
  const graph = new GraphBuilder();
  const feeds = createGraphFeeds(graph);
  const variables = declareVariables(graph, integers.network);
  const input = emitInput(graph, integers.network.input, -1, preprocessing);
  const outputs = emitNodes(graph, feeds, integers, input.normalized, variables.parameter);
  const last = outputs.get(integers.output.source) as GraphTensor;
  const output = emitConversion(graph, feeds, last, integers.output.conversion, (other) => other.output.conversion);
  const logits = reshape(graph, output, [-1, integers.network.classes]);
  const whole = integers.nodes.filter(({ output: format }) => format.kind === 'integer');
  const codes = whole.map(({ id }) => cast(graph, outputs.get(id) as GraphTensor, 'int32'));
  const session = createSession(graph);
  variables.store(session, parameters);
  const run = (other: IntegerGraph, samples: Samples, indices: Uint32Array, fetches: readonly GraphTensor[]) => {
    const { images } = composeBatch(samples, indices, preprocessing);
    return session.run([input.feed(images), ...feeds.of(other)], fetches);
  };
  return {
    logits: (other, samples, indices) => run(other, samples, indices, [logits])[0]?.values as Float32Array,
    codes: (other, samples, indices) => {
      const fetched = run(other, samples, indices, codes);
      return new Map(whole.map(({ id }, index) => [id, fetched[index]?.values as Int32Array]));
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

function emitNodes(
  graph: GraphBuilder,
  feeds: GraphFeeds,
  integers: IntegerGraph,
  image: GraphTensor,
  parameter: (name: string) => GraphTensor,
): ReadonlyMap<string, GraphTensor> {
  const outputs = new Map<string, GraphTensor>();
  for (const [index, lowered] of integers.nodes.entries()) {
    const { id, node, kernel } = lowered;
    if (node.operation.kind === 'input') {
      outputs.set(id, image);
      continue;
    }
    const inputs = emitInputs(graph, feeds, lowered, index, outputs);
    const find = (other: IntegerGraph) => other.nodes[index]?.kernel as IntegerKernel;
    const emission = kernel && { graph, feeds, node: lowered, kernel, inputs, find };
    outputs.set(id, emission ? emitKernel(emission) : emitFloatNode(graph, node, inputs, parameter));
  }
  return outputs;
}

function emitInputs(
  graph: GraphBuilder,
  feeds: GraphFeeds,
  lowered: IntegerNode,
  index: number,
  outputs: ReadonlyMap<string, GraphTensor>,
): readonly GraphTensor[] {
  return lowered.inputs.map(({ source, conversion }, operand) => {
    const find = (other: IntegerGraph) => other.nodes[index]?.inputs[operand]?.conversion as Conversion;
    return emitConversion(graph, feeds, outputs.get(source) as GraphTensor, conversion, find);
  });
}
