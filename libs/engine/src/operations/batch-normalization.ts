import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { floats, subtract } from './arithmetic.js';
import type { OperationStep } from './operation-step.js';

/** Scale (gamma), shift (beta) and running statistics, each `[channels]`. */
export type BatchNormalizationParameters = {
  readonly scale: GraphTensor;
  readonly shift: GraphTensor;
  readonly mean: GraphTensor;
  readonly variance: GraphTensor;
};

/**
 * `training`: normalizes with the batch's statistics and moves the running ones towards them by `momentum` (share of
 * the new batch; 1 replaces them). `frozen`: normalizes with the running statistics; scale and shift can still learn.
 */
export type BatchNormalizationMode =
  | { readonly kind: 'training'; readonly momentum: number }
  | { readonly kind: 'frozen' };

/**
 * What happens to normalized values in the same pass over them: they are cut off at `low` and `high` (scalars), and
 * rounded half to even to multiples of `step` (scalar; 0 does not round). The gradient passes inside the range, as if
 * nothing had been rounded. `clip` says whether the threshold has a gradient (role `clip`): its mirror image when
 * `signed`, where `low` is `-high`.
 */
export type OutputRange = {
  readonly low: GraphTensor;
  readonly high: GraphTensor;
  readonly step: GraphTensor;
  readonly clip?: 'unsigned' | 'signed' | undefined;
};

/** `momentum` is the share of this batch in the running statistics; 1 replaces them. */
export type TrainedNormalization = { readonly epsilon: number; readonly momentum: number };

/**
 * Batch normalization of an NHWC tensor over its channels with the batch's statistics, and what follows it, in our own
 * kernels (`libs/tensor/native`).
 */
export function trainedNormalization(
  graph: GraphBuilder,
  input: GraphTensor,
  parameters: BatchNormalizationParameters,
  options: TrainedNormalization,
  range: OutputRange = unlimited(graph),
): OperationStep {
  const { inputs, statistics } = normalizationInputs(graph, input, parameters, options, range);
  const outputs = [{ shape: input.shape }];
  const output = graph.operation('BitwrightNormalize', { inputs, outputs })[0] as GraphTensor;
  return {
    output,
    statistics,
    backward: (gradient) => {
      const gradients = graph.operation('BitwrightNormalizeGrad', {
        inputs: [...inputs, gradient],
        attributes: { of_range: { bool: range.clip !== undefined } },
        outputs: normalizationGradients(input, parameters),
      });
      return { inputs: [gradients[0]], parameters: namedGradients(graph, gradients, range) };
    },
  };
}

/** The first inputs of every kernel that normalizes, and the running statistics after the batch. */
export function normalizationInputs(
  graph: GraphBuilder,
  input: GraphTensor,
  parameters: BatchNormalizationParameters,
  options: TrainedNormalization,
  range: OutputRange,
) {
  const { batchMean, deviation, ...statistics } = batchStatistics(graph, input, parameters, options);
  const { scale, shift } = parameters;
  return { inputs: [input, scale, shift, batchMean, deviation, range.low, range.high, range.step], statistics };
}

/** The running mean and variance after an NHWC batch, and the batch's own mean and deviation; each `[channels]`. */
export function batchStatistics(
  graph: GraphBuilder,
  input: GraphTensor,
  running: Pick<BatchNormalizationParameters, 'mean' | 'variance'>,
  { epsilon, momentum }: TrainedNormalization,
) {
  const vector = { shape: running.mean.shape };
  const [mean, variance, batchMean, deviation] = graph.operation('BitwrightStatistics', {
    inputs: [input, running.mean, running.variance],
    attributes: { epsilon: { float: epsilon }, momentum: { float: momentum } },
    outputs: [vector, vector, vector, vector],
  }) as [GraphTensor, GraphTensor, GraphTensor, GraphTensor];
  return { mean, variance, batchMean, deviation };
}

/** The first outputs of the gradients of these kernels: of input, scale, shift, low and high. */
export function normalizationGradients(input: GraphTensor, { scale, shift }: BatchNormalizationParameters) {
  return [input, scale, shift].map(({ shape }) => ({ shape })).concat([{ shape: [] }, { shape: [] }]);
}

/** These outputs but the first, by role. */
export function namedGradients(
  graph: GraphBuilder,
  gradients: readonly GraphTensor[],
  { clip }: OutputRange,
): Record<string, GraphTensor> {
  const [, scale, shift, low, high] = gradients as [GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor];
  if (clip === undefined) return { scale, shift };
  return { scale, shift, clip: clip === 'signed' ? subtract(graph, high, low) : high };
}

/** The range of a rectifier; without one, of everything. */
export function rectifiedRange(graph: GraphBuilder, kind: 'relu' | 'relu6'): OutputRange {
  return { low: floats(graph, 0), high: floats(graph, kind === 'relu6' ? 6 : Infinity), step: floats(graph, 0) };
}

function unlimited(graph: GraphBuilder): OutputRange {
  return { low: floats(graph, -Infinity), high: floats(graph, Infinity), step: floats(graph, 0) };
}

/** Batch normalization with the running statistics. */
export function frozenNormalization(
  graph: GraphBuilder,
  input: GraphTensor,
  { scale, shift, mean, variance }: BatchNormalizationParameters,
  epsilon: number,
): OperationStep {
  const attributes = {
    T: { type: 'float32' },
    U: { type: 'float32' },
    epsilon: { float: epsilon },
    data_format: { text: 'NHWC' },
    is_training: { bool: false },
  } as const;
  const vector = { shape: scale.shape };
  const [output, , , , , reserved] = graph.operation('FusedBatchNormV3', {
    inputs: [input, scale, shift, mean, variance],
    attributes: { ...attributes, exponential_avg_factor: { float: 1 } },
    outputs: [{ shape: input.shape }, vector, vector, vector, vector, vector],
  }) as [GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor];
  return {
    output,
    backward: (gradient) => {
      const [inputGradient, scaleGradient, shiftGradient] = graph.operation('FusedBatchNormGradV3', {
        inputs: [gradient, input, scale, mean, variance, reserved],
        attributes,
        outputs: [{ shape: input.shape }, vector, vector],
      }) as [GraphTensor, GraphTensor, GraphTensor];
      return { inputs: [inputGradient], parameters: { scale: scaleGradient, shift: shiftGradient } };
    },
  };
}
