import type { Layer, Model, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { addToHistogram, createHistogram, type Histogram } from '@bitwright/quantizers';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { emitInference } from '../network/emit-inference.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { createBatchReader } from '../samples/batch-reader.js';
import { batchesOf } from '../samples/batches.js';
import type { Work } from '../work.js';

/** Values held at once, all layers together: 16 MB. */
const VALUES_AT_ONCE = 4_000_000;

/**
 * Histograms of |x| of the tensors that the layers read, over all samples, by tensor: what the float network has
 * there. Clip thresholds for any number of bits follow from them.
 */
export function* collectHistograms(
  model: Model,
  layers: readonly Layer[],
  samples: Samples,
  preprocessing: Preprocessing,
): Work<ReadonlyMap<string, Histogram>> {
  const tensors = new Map(layers.map((layer) => [layer.inputTensor, layer.inputElements]));
  const histograms = new Map([...tensors.keys()].map((id) => [id, createHistogram()]));
  const perImage = [...tensors.values()].reduce((sum, elements) => sum + elements, 0);
  const batchSize = Math.max(1, Math.min(64, Math.floor(VALUES_AT_ONCE / perImage)));
  using activations = createActivationReader(model, [...tensors.keys()], preprocessing);
  for (const { indices, end } of batchesOf(samples.count, batchSize)) {
    const values = activations.read(samples, indices);
    for (const [index, histogram] of [...histograms.values()].entries()) {
      addToHistogram(histogram, values[index] as Float32Array);
    }
    yield { phase: 'calibrating', done: end, total: samples.count };
  }
  return histograms;
}

function createActivationReader(model: Model, tensors: readonly string[], preprocessing: Preprocessing) {
  const folded = foldBatchNormalization(model);
  const names = namesAfterFolding(model, folded, tensors);
  const graph = new GraphBuilder();
  const { variables, input, emitted } = emitInference(graph, folded.network, preprocessing, { kind: 'frozen' });
  const fetches = names.map((name) => emitted.outputs.get(name) as GraphTensor);
  const session = createSession(graph);
  variables.store(session, folded.parameters);
  return {
    read: createBatchReader(session, input, fetches, preprocessing),
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

/** A batch normalization that was folded away is what its layer gives now. */
function namesAfterFolding(model: Model, folded: Model, tensors: readonly string[]): readonly string[] {
  const kept = new Set(folded.network.nodes.map(({ id }) => id));
  const inputs = new Map(model.network.nodes.map((node) => [node.id, node.inputs[0] ?? node.id]));
  return tensors.map((id) => (kept.has(id) ? id : (inputs.get(id) as string)));
}
