import type { Network, Parameters, ParameterTensor, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import { emitInference, type InferenceQuantization } from '../network/emit-inference.js';
import type { QuantizationPlan } from '../quantization/plan.js';
import { type BatchReader, createBatchReader } from '../samples/batch-reader.js';
import { wholeBatchesOf } from '../samples/batches.js';
import type { Work } from '../work.js';

/** Measures batch normalization's statistics anew: those of training lag behind, or belong to other precisions. */
export interface StatisticsEstimator extends Disposable {
  /** The parameters (weights already quantized) with mean and variance averaged over the batches of `samples`. */
  estimate(
    parameters: Parameters,
    plan: QuantizationPlan | undefined,
    samples: Samples,
    batchSize: number,
  ): Work<Parameters>;
}

/** Compiles the network with batch normalization by the batch's own statistics, which are what it gives. */
export function createStatisticsEstimator(
  network: Network,
  preprocessing: Preprocessing,
  quantization?: InferenceQuantization,
): StatisticsEstimator {
  const graph = new GraphBuilder();
  const batchNormalization = { kind: 'training', momentum: 1 } as const;
  const inference = emitInference(graph, network, preprocessing, batchNormalization, quantization);
  const { variables, quantized, input, emitted } = inference;
  const { statistics } = emitted;
  const session = createSession(graph);
  const names = [...statistics.keys()];
  const measure = createBatchReader(session, input, [...statistics.values()], preprocessing);
  return {
    estimate: function* (parameters, plan, samples, batchSize) {
      if (names.length === 0) return parameters;
      variables.store(session, parameters);
      if (plan !== undefined) quantized?.store(session, plan);
      const averages = yield* averageOverBatches(samples, batchSize, measure);
      return new Map([...parameters, ...names.map((name, index) => toEntry(name, averages[index] as Float32Array))]);
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

const toEntry = (name: string, values: Float32Array): [string, ParameterTensor] => [
  name,
  { shape: [values.length], values },
];

/** Means of what each batch gives. Whole batches only, so that each counts the same; at least one, however few samples. */
export function* averageOverBatches(
  samples: Samples,
  batchSize: number,
  measure: BatchReader,
): Work<readonly Float32Array[]> {
  const batches = wholeBatchesOf(samples.count, batchSize);
  let sums: readonly Float32Array[] = [];
  for (const { indices, start, end } of batches) {
    const measured = measure(samples, indices);
    sums =
      start === 0
        ? measured
        : measured.map((values, index) => values.map((value, at) => value + (sums[index]?.[at] as number)));
    yield { phase: 'estimating statistics', done: end, total: batches.at(-1)?.end ?? end };
  }
  return sums.map((values) => values.map((value) => value / batches.length));
}
