import type { Layer, Network, Parameters, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { emitNetwork } from '../network/emit-network.js';
import { declareVariables } from '../network/network-variables.js';
import type { PlanStructure, QuantizationPlan } from '../quantization/plan.js';
import { declareQuantization } from '../quantization/quantization-variables.js';
import { createBatchReader } from '../samples/batch-reader.js';
import { emitInput } from '../samples/emit-input.js';

/** What layers of a quantized network read, as they read it. */
export interface QuantizedInputs extends Disposable {
  /** Sets the parameters (weights already quantized) and the quantizers of the activations. */
  start(parameters: Parameters, plan: QuantizationPlan): void;
  /** The input of each layer that was asked for, NHWC, in their order. */
  read(samples: Samples, indices: Uint32Array): readonly Float32Array[];
}

/**
 * Compiles the network up to its layers' inputs. Batch normalization goes by the batch's own statistics: those of the
 * float network are far from what few bits give.
 */
export function createQuantizedInputs(
  network: Network,
  preprocessing: Preprocessing,
  { layers, structure }: { readonly layers: readonly Layer[]; readonly structure: PlanStructure },
  wanted: readonly Layer[],
): QuantizedInputs {
  const graph = new GraphBuilder();
  const variables = declareVariables(graph, network);
  const input = emitInput(graph, network.input, -1, preprocessing);
  const options = { structure, learnsClips: false, quantizesWeights: false };
  const quantized = declareQuantization(graph, network, layers, options);
  const read = new Map<string, GraphTensor>();
  const quantization = {
    ...quantized.quantization,
    // Nothing may quantize in passing: the tensor itself is wanted.
    inputQuantizer: () => undefined,
    input: (layer: string, tensor: GraphTensor) => {
      const step = quantized.quantization.input(layer, tensor);
      read.set(layer, step?.output ?? tensor);
      return step;
    },
  };
  const batchNormalization = { kind: 'training', momentum: 1 } as const;
  emitNetwork(graph, network, input.normalized, { parameter: variables.parameter, batchNormalization, quantization });
  const fetches = wanted.map(({ name }) => read.get(name) as GraphTensor);
  const session = createSession(graph);
  return {
    start: (parameters, plan) => {
      variables.store(session, parameters);
      quantized.store(session, plan);
    },
    read: createBatchReader(session, input, fetches, preprocessing),
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}
