import type { Model, Network, Parameters, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { emitInference, type InferenceQuantization } from '../network/emit-inference.js';
import { integer } from '../operations/arithmetic.js';
import type { QuantizationPlan } from '../quantization/plan.js';
import { composeBatch } from '../samples/batch-composer.js';
import { batchesOf } from '../samples/batches.js';
import { emitLoss } from '../training/emit-loss.js';
import { finish, type Work } from '../work.js';
import { createCalibratedLoss } from './calibrated-loss.js';

/** Top-1 accuracy (0..1), mean cross entropy (nats), the same at the best temperature, and the class named for each sample. */
export type Measurement = {
  readonly accuracy: number;
  readonly loss: number;
  /** See `createCalibratedLoss`. */
  readonly calibratedLoss: number;
  readonly classes: Int32Array;
};

/** A network compiled for inference; parameters and precisions are values that can be set again and again. */
export interface Classifier extends Disposable {
  /** Sets the parameters (weights already quantized) and the quantizers of the activations. */
  start(parameters: Parameters, plan?: QuantizationPlan): void;
  /** Measures on all samples, `batchSize` at a time, as steps of one batch each. */
  measure(samples: Samples, batchSize: number): Work<Measurement>;
}

/**
 * Compiles a network for inference. Batch normalizations that are still in it use their running statistics: fold
 * them first (`foldBatchNormalization`) for speed.
 */
export function createClassifier(
  network: Network,
  preprocessing: Preprocessing,
  quantization?: InferenceQuantization,
): Classifier {
  const graph = new GraphBuilder();
  const inference = emitInference(graph, network, preprocessing, { kind: 'frozen' }, quantization);
  const { variables, quantized, input, emitted } = inference;
  const { logits } = emitted;
  const loss = emitLoss(graph, logits);
  const classes = topClass(graph, logits);
  const session = createSession(graph);
  const classify = (samples: Samples, indices: Uint32Array) => {
    const batch = composeBatch(samples, indices, preprocessing);
    const labels = { ...loss.labels, shape: [indices.length] };
    const feeds = [input.feed(batch.images), { target: labels, values: batch.labels }];
    const [losses, named, outputs] = session.run(feeds, [loss.perSample, classes, logits]);
    return {
      losses: losses?.values as Float32Array,
      classes: named?.values as Int32Array,
      logits: outputs?.values as Float32Array,
    };
  };
  return {
    start: (parameters, plan) => {
      variables.store(session, parameters);
      if (plan !== undefined) quantized?.store(session, plan);
    },
    measure: (samples, batchSize) => measureInBatches(samples, batchSize, classify),
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

/** Measures a float model on all samples, with the running statistics of batch normalization. */
export function measureAccuracy(
  model: Model,
  samples: Samples,
  preprocessing: Preprocessing,
  batchSize = 256,
): Measurement {
  using classifier = createClassifier(model.network, preprocessing);
  classifier.start(model.parameters);
  return finish(classifier.measure(samples, batchSize));
}

function topClass(graph: GraphBuilder, logits: GraphTensor): GraphTensor {
  const attributes = { T: { type: 'float32' }, Tidx: { type: 'int32' }, output_type: { type: 'int32' } } as const;
  const inputs = [logits, integer(graph, 1)];
  const outputs = [{ dtype: 'int32', shape: [logits.shape[0] as number] }] as const;
  return graph.operation('ArgMax', { inputs, attributes, outputs })[0] as GraphTensor;
}

type Classified = {
  readonly losses: Float32Array;
  readonly classes: Int32Array;
  readonly logits: Float32Array;
};

type Classify = (samples: Samples, indices: Uint32Array) => Classified;

function* measureInBatches(samples: Samples, batchSize: number, classify: Classify): Work<Measurement> {
  const classes = new Int32Array(samples.count);
  const calibrated = createCalibratedLoss();
  let loss = 0;
  let correct = 0;
  for (const { indices, start, end } of batchesOf(samples.count, batchSize)) {
    const batch = classify(samples, indices);
    classes.set(batch.classes, start);
    calibrated.add(batch.logits, samples.labels.subarray(start, end));
    for (let index = 0; index < indices.length; index += 1) {
      loss += batch.losses[index] as number;
      if (classes[start + index] === samples.labels[start + index]) correct += 1;
    }
    yield { phase: 'measuring', done: end, total: samples.count };
  }
  const [accuracy, meanLoss] = [correct / samples.count, loss / samples.count];
  return { accuracy, loss: meanLoss, calibratedLoss: calibrated.value(), classes };
}
