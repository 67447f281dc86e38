import type { Layer, Model, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { emitNetwork } from '../network/emit-network.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { declareVariables } from '../network/network-variables.js';
import { matrixProduct, reduce, reshape, subtract } from '../operations/arithmetic.js';
import { createBatchReader } from '../samples/batch-reader.js';
import { emitInput } from '../samples/emit-input.js';
import { layerOutputs } from './layer-outputs.js';

/**
 * Gram matrices (samples x samples) of every layer's output of the float network, on all samples as one batch. Only they
 * leave the graph: the features themselves may take gigabytes. Features are centred first, which keeps 32 bits enough.
 */
export function featureGrams(
  model: Model,
  layers: readonly Layer[],
  samples: Samples,
  preprocessing: Preprocessing,
): readonly Float32Array[] {
  const folded = foldBatchNormalization(model);
  const graph = new GraphBuilder();
  const variables = declareVariables(graph, folded.network);
  const input = emitInput(graph, folded.network.input, samples.count, preprocessing);
  const emission = { parameter: variables.parameter, batchNormalization: { kind: 'frozen' } } as const;
  const { outputs } = emitNetwork(graph, folded.network, input.normalized, emission);
  const grams = layerOutputs(folded.network, layers).map(({ id }) =>
    emitGram(graph, outputs.get(id) as GraphTensor, samples.count),
  );
  using session = createSession(graph);
  variables.store(session, folded.parameters);
  const all = Uint32Array.from({ length: samples.count }, (_, index) => index);
  return createBatchReader(session, input, grams, preprocessing)(samples, all);
}

function emitGram(graph: GraphBuilder, output: GraphTensor, samples: number): GraphTensor {
  const width = output.shape.slice(1).reduce((product, size) => product * size, 1);
  const features = reshape(graph, output, [samples, width]);
  const centred = subtract(graph, features, reduce(graph, 'Mean', features, [0]));
  return matrixProduct(graph, centred, centred, [samples, samples], 'second');
}
