import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute, floats, integer, multiply, reduce } from '../operations/arithmetic.js';

/** Softmax cross entropy against class numbers, mean over the batch. */
export type EmittedLoss = {
  /** int32 `[N]`, to feed. */
  readonly labels: GraphTensor;
  /** Mean over the batch, a scalar. */
  readonly mean: GraphTensor;
  /** Per sample, `[N]`. */
  readonly perSample: GraphTensor;
  /** Of the mean with respect to the logits, `[N, classes]`. */
  readonly gradient: GraphTensor;
};

/** With label smoothing e, the target is 1 - e + e/classes for the label and e/classes for the others. */
export function emitLoss(graph: GraphBuilder, logits: GraphTensor, labelSmoothing = 0): EmittedLoss {
  const [batch = 1, classes = 1] = logits.shape;
  const labels = graph.placeholder('int32', [batch]);
  const rest = labelSmoothing / classes;
  const targets = graph.operation('OneHot', {
    inputs: [labels, integer(graph, classes), floats(graph, 1 - labelSmoothing + rest), floats(graph, rest)],
    attributes: { T: { type: 'float32' }, TI: { type: 'int32' }, axis: { int: -1 } },
    outputs: [{ shape: logits.shape }],
  })[0] as GraphTensor;
  const [perSample, gradient] = graph.operation('SoftmaxCrossEntropyWithLogits', {
    inputs: [logits, targets],
    attributes: { T: { type: 'float32' } },
    outputs: [{ shape: [batch] }, { shape: logits.shape }],
  }) as [GraphTensor, GraphTensor];
  const scaled = multiply(graph, gradient, compute(graph, 'Reciprocal', [batchSize(graph, labels)], []));
  return { labels, mean: reduce(graph, 'Mean', perSample, [0]), perSample, gradient: scaled };
}

function batchSize(graph: GraphBuilder, labels: GraphTensor): GraphTensor {
  const attributes = { T: { type: 'int32' }, out_type: { type: 'int32' } } as const;
  const size = graph.operation('Size', {
    inputs: [labels],
    attributes,
    outputs: [{ dtype: 'int32', shape: [] }],
  })[0] as GraphTensor;
  const cast = { SrcT: { type: 'int32' }, DstT: { type: 'float32' } } as const;
  return graph.operation('Cast', { inputs: [size], attributes: cast, outputs: [{ shape: [] }] })[0] as GraphTensor;
}
