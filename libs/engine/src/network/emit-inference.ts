import type { Layer, Network, Preprocessing } from '@bitwright/core';
import type { GraphBuilder } from '@bitwright/tensor';
import { absorbedRectifiers, type PlanStructure } from '../quantization/plan.js';
import { declareQuantization, type QuantizationVariables } from '../quantization/quantization-variables.js';
import { type EmittedInput, emitInput } from '../samples/emit-input.js';
import { type EmissionOptions, type EmittedNetwork, emitNetwork } from './emit-network.js';
import { declareVariables, type NetworkVariables } from './network-variables.js';

/** Activations that are quantized while the network runs; its weights come quantized. */
export type InferenceQuantization = { readonly layers: readonly Layer[]; readonly structure: PlanStructure };

/** A network that reads batches of any size, with its parameters and quantizers as values to be set. */
export type EmittedInference = {
  readonly variables: NetworkVariables;
  readonly quantized: QuantizationVariables | undefined;
  readonly input: EmittedInput;
  readonly emitted: EmittedNetwork;
};

export function emitInference(
  graph: GraphBuilder,
  network: Network,
  preprocessing: Preprocessing,
  batchNormalization: EmissionOptions['batchNormalization'],
  quantization?: InferenceQuantization,
): EmittedInference {
  const variables = declareVariables(graph, network);
  const input = emitInput(graph, network.input, -1, preprocessing);
  const options = quantization && { ...quantization, learnsClips: false, quantizesWeights: false };
  const quantized = options && declareQuantization(graph, network, options.layers, options);
  const emitted = emitNetwork(graph, network, input.normalized, {
    parameter: variables.parameter,
    batchNormalization,
    quantization: quantized?.quantization,
    absorbed: quantization && absorbedRectifiers(network, quantization.layers, quantization.structure),
  });
  return { variables, quantized, input, emitted };
}
