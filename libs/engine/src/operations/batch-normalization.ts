import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
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

/** Batch normalization of an NHWC tensor over its channels. */
export function batchNormalization(
  graph: GraphBuilder,
  input: GraphTensor,
  parameters: BatchNormalizationParameters,
  epsilon: number,
  mode: BatchNormalizationMode,
): OperationStep {
  const training = mode.kind === 'training';
  const { scale, shift, mean, variance } = parameters;
  const common = {
    T: { type: 'float32' },
    U: { type: 'float32' },
    epsilon: { float: epsilon },
    data_format: { text: 'NHWC' },
    is_training: { bool: training },
  } as const;
  const attributes = { ...common, exponential_avg_factor: { float: training ? mode.momentum : 1 } };
  const vector = { shape: scale.shape };
  const outputs = [{ shape: input.shape }, vector, vector, vector, vector, vector];
  // With a factor of 1 the kernel refuses running statistics in training: it wants empty vectors.
  const running = training && mode.momentum === 1 ? [empty(graph), empty(graph)] : [mean, variance];
  const inputs = [input, scale, shift, ...running];
  const [output, newMean, newVariance, ...reserved] = graph.operation('FusedBatchNormV3', {
    inputs,
    attributes,
    outputs,
  }) as [GraphTensor, GraphTensor, GraphTensor, ...GraphTensor[]];
  const statistics = { mean: newMean, variance: newVariance };
  return {
    output,
    ...(training ? { statistics } : {}),
    backward: (gradient) => {
      const saved = training ? reserved : [mean, variance, reserved[2] as GraphTensor];
      const [inputGradient, scaleGradient, shiftGradient] = graph.operation('FusedBatchNormGradV3', {
        inputs: [gradient, input, scale, ...saved],
        attributes: common,
        outputs: [{ shape: input.shape }, vector, vector],
      }) as [GraphTensor, GraphTensor, GraphTensor];
      return { inputs: [inputGradient], parameters: { scale: scaleGradient, shift: shiftGradient } };
    },
  };
}

const empty = (graph: GraphBuilder) => graph.constant(new Float32Array(0), [0]);
