import type { Model, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { createSession, type Fetched, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { emitNetwork } from '../network/emit-network.js';
import { declareVariables } from '../network/network-variables.js';
import { integer } from '../operations/arithmetic.js';
import { composeBatch } from '../samples/batch-composer.js';
import { emitInput } from '../samples/emit-input.js';

import { emitLoss } from '../training/emit-loss.js';

/** Top-1 accuracy (0..1), mean cross entropy, and the class named for each sample. */
export type Measurement = { readonly accuracy: number; readonly loss: number; readonly classes: Int32Array };

/** Measures a float model on all samples, with the running statistics of batch normalization. */
export function measureAccuracy(model: Model, samples: Samples, preprocessing: Preprocessing, batchSize = 256): Measurement {
  const graph = new GraphBuilder();
  const variables = declareVariables(graph, model.network);
  const input = emitInput(graph, model.network.input, -1, preprocessing);
  const batchNormalization = { kind: 'frozen' } as const;
  const { logits } = emitNetwork(graph, model.network, input.normalized, { parameter: variables.parameter, batchNormalization });
  const loss = emitLoss(graph, logits);
  const classes = topClass(graph, logits);
  using session = createSession(graph);
  variables.store(session, model.parameters);
  return measureInBatches(samples, batchSize, (indices) => {
    const batch = composeBatch(samples, indices, preprocessing);
    const shape = [indices.length, ...input.bytes.shape.slice(1)];
    return session.run([
      { target: { ...input.bytes, shape }, values: batch.images },
      { target: { ...loss.labels, shape: [indices.length] }, values: batch.labels },
    ], [loss.perSample, classes]);
  });
}

function topClass(graph: GraphBuilder, logits: GraphTensor): GraphTensor {
  const attributes = { T: { type: 'float32' }, Tidx: { type: 'int32' }, output_type: { type: 'int32' } } as const;
  const inputs = [logits, integer(graph, 1)];
  const outputs = [{ dtype: 'int32', shape: [logits.shape[0] as number] }] as const;
  return graph.operation('ArgMax', { inputs, attributes, outputs })[0] as GraphTensor;
}

/** `run` gives for some samples the loss and the class of each. */
function measureInBatches(samples: Samples, batchSize: number, run: (indices: Uint32Array) => readonly Fetched[]): Measurement {
  const classes = new Int32Array(samples.count);
  let loss = 0;
  let correct = 0;
  for (let start = 0; start < samples.count; start += batchSize) {
    const count = Math.min(batchSize, samples.count - start);
    const [losses, named] = run(Uint32Array.from({ length: count }, (_, index) => start + index));
    classes.set(named?.values as Int32Array, start);
    for (let index = 0; index < count; index += 1) {
      loss += losses?.values[index] as number;
      if (classes[start + index] === samples.labels[start + index]) correct += 1;
    }
  }
  return { accuracy: correct / samples.count, loss: loss / samples.count, classes };
}
