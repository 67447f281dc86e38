import type { Layer, Network, Parameters, ParameterTensor, Preprocessing } from '@bitwright/core';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { emitNetwork } from '../network/emit-network.js';
import { declareVariables } from '../network/network-variables.js';
import { fromTensorflowValues } from '../network/parameter-layout.js';
import { emitInput } from '../samples/emit-input.js';
import type { ImageBatch } from '../samples/image-batch.js';
import { emitLoss } from '../training/emit-loss.js';

/** Gradients of the mean loss with respect to every layer's weights, batch normalization with its running statistics. */
export interface WeightGradients extends Disposable {
  /** Sets some parameters; the others stay. */
  setParameters(parameters: Parameters): void;
  /** One entry a layer, in its weight's own order (OIHW, OI). The batch has the size that the graph was made for. */
  of(batch: ImageBatch): readonly Float32Array[];
}

/** The name of a layer's weight among the parameters. */
export const weightOf = ({ name }: Layer) => `${name}.weight`;

export function createWeightGradients(
  network: Network,
  layers: readonly Layer[],
  preprocessing: Preprocessing,
  parameters: Parameters,
  batchSize: number,
): WeightGradients {
  const graph = new GraphBuilder();
  const variables = declareVariables(graph, network);
  const input = emitInput(graph, network.input, batchSize, preprocessing);
  const emission = { parameter: variables.parameter, batchNormalization: { kind: 'frozen' } } as const;
  const { logits, backward } = emitNetwork(graph, network, input.normalized, emission);
  const loss = emitLoss(graph, logits);
  const gradients = backward(loss.gradient);
  const wanted = layers.map((layer) => gradients.get(weightOf(layer)) as GraphTensor);
  const shapes = layers.map((layer) => (parameters.get(weightOf(layer)) as ParameterTensor).shape);
  const session = createSession(graph);
  variables.store(session, parameters);
  return {
    setParameters: (changed) => variables.update(session, changed),
    of: ({ images, labels }) => {
      const feeds = [input.feed(images), { target: loss.labels, values: labels }];
      const fetched = session.run(feeds, wanted);
      return fetched.map(({ values }, layer) =>
        fromTensorflowValues(values as Float32Array, shapes[layer] as readonly number[]),
      );
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}
