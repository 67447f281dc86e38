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

/**
 * Batch normalization of an NHWC tensor over its channels with the batch's statistics, and what follows it, in our own
 * kernel (`libs/tensor/native`).
 */
export function trainedNormalization(
  graph: GraphBuilder,
  input: GraphTensor,
  { scale, shift, mean, variance }: BatchNormalizationParameters,
  { epsilon, momentum }: { readonly epsilon: number; readonly momentum: number },
  range: OutputRange = unlimited(graph),
): OperationStep {
  const vector = { shape: scale.shape };
  const [output, newMean, newVariance, ...batch] = graph.operation('BitwrightNormalize', {
    inputs: [input, scale, shift, mean, variance, range.low, range.high, range.step],
    attributes: { epsilon: { float: epsilon }, momentum: { float: momentum } },
    outputs: [{ shape: input.shape }, vector, vector, vector, vector],
  }) as [GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor];
  return {
    output,
    statistics: { mean: newMean, variance: newVariance },
    backward: (gradient) => {
      const scalar = { shape: [] };
      const [ofInput, ofScale, ofShift, ofLow, ofHigh] = graph.operation('BitwrightNormalizeGrad', {
        inputs: [gradient, input, scale, shift, ...batch, range.low, range.high],
        attributes: { of_range: { bool: range.clip !== undefined } },
        outputs: [{ shape: input.shape }, vector, vector, scalar, scalar],
      }) as [GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor];
      const ofClip = range.clip === 'signed' ? subtract(graph, ofHigh, ofLow) : ofHigh;
      const parameters = { scale: ofScale, shift: ofShift, ...(range.clip === undefined ? {} : { clip: ofClip }) };
      return { inputs: [ofInput], parameters };
    },
  };
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
