import type { Layer, Network, Parameters, ParameterTensor, Preprocessing } from '@bitwright/core';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import { emitNetwork } from '../network/emit-network.js';
import { declareVariables } from '../network/network-variables.js';
import type { LayerPlan, PlanStructure, QuantizationPlan } from '../quantization/plan.js';
import { declareQuantization } from '../quantization/quantization-variables.js';
import { quantizeWeightTensor } from '../quantization/quantize-parameters.js';
import { emitInput } from '../samples/emit-input.js';
import type { ImageBatch } from '../samples/image-batch.js';
import type { Logits } from './output-change.js';

/**
 * A network whose precision is changed layer by layer. Batch normalization uses the statistics of the batch itself, so
 * that what a layer's quantization does to them is taken into account, as it is when a policy is evaluated.
 */
export interface LayerProbe extends Disposable {
  /** Sets some parameters; the others stay. */
  setParameters(parameters: Parameters): void;
  setActivations(plan: QuantizationPlan): void;
  logits(batch: ImageBatch): Logits;
}

/** Compiles the network with the plan's kinds of activation quantizers; rectifiers stay before them. */
export function createLayerProbe(
  network: Network,
  layers: readonly Layer[],
  preprocessing: Preprocessing,
  structure: PlanStructure,
): LayerProbe {
  const graph = new GraphBuilder();
  const variables = declareVariables(graph, network);
  const input = emitInput(graph, network.input, -1, preprocessing);
  const options = { structure, learnsClips: false, quantizesWeights: false };
  const quantized = declareQuantization(graph, network, layers, options);
  const { logits } = emitNetwork(graph, network, input.normalized, {
    parameter: variables.parameter,
    batchNormalization: { kind: 'training', momentum: 1 },
    quantization: quantized.quantization,
  });
  const session = createSession(graph);
  return {
    setParameters: (parameters) => variables.update(session, parameters),
    setActivations: (plan) => quantized.store(session, plan),
    logits: ({ images }) => {
      const [fetched] = session.run([input.feed(images)], [logits]);
      return { values: fetched?.values as Float32Array, classes: network.classes };
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

/** What `use` finds while one layer's weight is quantized; `parameters` are those of the probe. */
export function withQuantizedWeight<T>(probe: LayerProbe, parameters: Parameters, entry: LayerPlan, use: () => T): T {
  const name = `${entry.layer.name}.weight`;
  const original = parameters.get(name) as ParameterTensor;
  probe.setParameters(new Map([[name, quantizeWeightTensor(original, entry)]]));
  const found = use();
  probe.setParameters(new Map([[name, original]]));
  return found;
}
