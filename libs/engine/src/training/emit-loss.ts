import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { add, compute, floats, integer, multiply, reduce } from '../operations/arithmetic.js';

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

export type LossOptions = {
  /** With label smoothing e, the target is 1 - e + e/classes for the label and e/classes for the others. */
  readonly labelSmoothing?: number;
  /** Another network's logits `[N, classes]`, whose softmax is mixed into the targets, and its share of them, 0..1. */
  readonly teacher?: { readonly logits: GraphTensor; readonly share: number } | undefined;
};

/** The loss of logits `[N, classes]`. */
export function emitLoss(
  graph: GraphBuilder,
  logits: GraphTensor,
  { labelSmoothing = 0, teacher }: LossOptions = {},
): EmittedLoss {
  const [batch = 1, classes = 1] = logits.shape;
  const labels = graph.placeholder('int32', [batch]);
  const rest = labelSmoothing / classes;
  const smoothed = graph.operation('OneHot', {
    inputs: [labels, integer(graph, classes), floats(graph, 1 - labelSmoothing + rest), floats(graph, rest)],
    attributes: { T: { type: 'float32' }, TI: { type: 'int32' }, axis: { int: -1 } },
    outputs: [{ shape: logits.shape }],
  })[0] as GraphTensor;
  const targets = teacher === undefined ? smoothed : mixTargets(graph, smoothed, teacher);
  const [perSample, gradient] = graph.operation('SoftmaxCrossEntropyWithLogits', {
    inputs: [logits, targets],
    attributes: { T: { type: 'float32' } },
    outputs: [{ shape: [batch] }, { shape: logits.shape }],
  }) as [GraphTensor, GraphTensor];
  const scaled = multiply(graph, gradient, compute(graph, 'Reciprocal', [batchSize(graph, labels)], []));
  return { labels, mean: reduce(graph, 'Mean', perSample, [0]), perSample, gradient: scaled };
}

function mixTargets(
  graph: GraphBuilder,
  labels: GraphTensor,
  { logits, share }: NonNullable<LossOptions['teacher']>,
): GraphTensor {
  const named = compute(graph, 'Softmax', [logits]);
  return add(graph, multiply(graph, labels, floats(graph, 1 - share)), multiply(graph, named, floats(graph, share)));
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
