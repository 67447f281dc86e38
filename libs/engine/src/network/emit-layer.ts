import type { Convolution, NetworkNode } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { type ConvolutionInputs, convolution } from '../operations/convolution.js';
import { foldedNormalization } from '../operations/folded-normalization.js';
import { fullyConnected } from '../operations/fully-connected.js';
import { type InputNormalization, normalizedDepthwise } from '../operations/normalized-depthwise.js';
import { nameRoles, type OperationStep } from '../operations/operation-step.js';
import type { ActivationQuantizer, QuantizedTensor } from '../operations/quantize-activation.js';

/** How the layers of a network are quantized while it runs; undefined leaves a tensor as it is. */
export type LayerQuantization = {
  readonly input: (layer: string, tensor: GraphTensor) => QuantizedTensor | undefined;
  readonly weight: (layer: string, tensor: GraphTensor) => QuantizedTensor | undefined;
  /** The quantizer behind `input`, for whoever can quantize in passing; undefined where there is none or it has one bit. */
  readonly inputQuantizer: (layer: string) => ActivationQuantizer | undefined;
};

export type LayerOptions = {
  readonly parameter: (name: string) => GraphTensor;
  readonly quantization?: LayerQuantization | undefined;
  /** A batch normalization to apply to weights and bias instead of the output. */
  readonly folded?: NetworkNode | undefined;
  /** Whether the input comes quantized. */
  readonly inputIsQuantized?: boolean;
  /** The normalization `id` of a depthwise layer's input, which the layer is to do itself. */
  readonly normalization?: (InputNormalization & { readonly id: string }) | undefined;
};

/** Gradients by full parameter name (`<nodeId>.<role>`; a learned clip threshold is `<nodeId>.clip`). */
export type NamedStep = Pick<OperationStep, 'output' | 'backward' | 'statistics'>;

/**
 * A convolution or fully connected node: its input and its weight go through their quantizers, then through the
 * normalization that is folded into it.
 */
export function emitLayer(
  graph: GraphBuilder,
  node: NetworkNode,
  input: GraphTensor,
  options: LayerOptions,
): NamedStep {
  const { id } = node;
  const weight = options.parameter(`${id}.weight`);
  const inputQuantization = options.inputIsQuantized ? undefined : options.quantization?.input(id, input);
  const quantizedInput = inputQuantization ?? unchanged(input);
  const quantizedWeight = options.quantization?.weight(id, weight) ?? unchanged(weight);
  const bias = hasBias(node) ? options.parameter(`${id}.bias`) : undefined;
  const folded = fold(graph, options, { weight: quantizedWeight.output, bias });
  const tensors = {
    input: quantizedInput.output,
    weight: folded?.weight ?? quantizedWeight.output,
    bias: folded?.bias ?? bias,
  };
  if (options.normalization !== undefined) {
    return emitNormalizedDepthwise(graph, node, tensors, quantizedWeight, options.normalization);
  }
  const step = emitOperation(graph, node, tensors);
  return {
    output: step.output,
    backward: (gradient, needsInput) => {
      const direct = step.backward(gradient, needsInput || quantizedInput.learns);
      const inner = direct.inputs[0];
      const back = inner === undefined ? undefined : quantizedInput.backward(inner);
      const unfolded = folded?.backward(direct.parameters as { weight: GraphTensor; bias: GraphTensor });
      const weightGradient = quantizedWeight.backward((unfolded?.weight ?? direct.parameters['weight']) as GraphTensor);
      const biasGradient = unfolded === undefined ? direct.parameters['bias'] : unfolded.bias;
      const parameters = named(id, { weight: weightGradient.input, bias: biasGradient, clip: back?.clip });
      const normalization =
        unfolded === undefined ? {} : named(options.folded?.id ?? '', { scale: unfolded.scale, shift: unfolded.shift });
      return { inputs: [needsInput ? back?.input : undefined], parameters: { ...parameters, ...normalization } };
    },
  };
}

function unchanged(output: GraphTensor): QuantizedTensor {
  return { output, learns: false, backward: (gradient) => ({ input: gradient, clip: undefined }) };
}

function fold(
  graph: GraphBuilder,
  { folded, parameter }: LayerOptions,
  layer: { weight: GraphTensor; bias: GraphTensor | undefined },
) {
  if (folded?.operation.kind !== 'batch-normalization') return undefined;
  const role = (name: string) => parameter(`${folded.id}.${name}`);
  const statistics = { scale: role('scale'), shift: role('shift'), mean: role('mean'), variance: role('variance') };
  return foldedNormalization(graph, layer, statistics, folded.operation.epsilon);
}

function emitNormalizedDepthwise(
  graph: GraphBuilder,
  node: NetworkNode,
  tensors: ConvolutionInputs,
  weight: QuantizedTensor,
  { id, ...normalization }: InputNormalization & { readonly id: string },
): NamedStep {
  const step = normalizedDepthwise(graph, node.operation as Convolution, node.output, tensors, normalization);
  const straightThrough: OperationStep = {
    ...step,
    backward: (gradient, needsInput) => {
      const { inputs, parameters } = step.backward(gradient, needsInput);
      return {
        inputs,
        parameters: { ...parameters, weight: weight.backward(parameters['weight'] as GraphTensor).input },
      };
    },
  };
  return nameRoles(straightThrough, (role) => (role === 'weight' || role === 'clip' ? node.id : id));
}

function emitOperation(
  graph: GraphBuilder,
  node: NetworkNode,
  { input, weight, bias }: ConvolutionInputs,
): OperationStep {
  if (node.operation.kind === 'fully-connected') return fullyConnected(graph, input, weight, bias);
  if (node.operation.kind === 'convolution')
    return convolution(graph, node.operation, node.output, { input, weight, bias });
  throw new Error(`node ${node.id} is not a layer`);
}

const hasBias = ({ operation }: NetworkNode) => 'bias' in operation && operation.bias;

function named(id: string, roles: Readonly<Record<string, GraphTensor | undefined>>): Record<string, GraphTensor> {
  const present = Object.entries(roles).filter((entry): entry is [string, GraphTensor] => entry[1] !== undefined);
  return Object.fromEntries(present.map(([role, tensor]) => [`${id}.${role}`, tensor]));
}
