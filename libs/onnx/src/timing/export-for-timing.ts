import {
  BitwrightError,
  deriveLayers,
  FLOAT_BITS,
  invalidField,
  type LayerPrecision,
  type Network,
  type NetworkNode,
  signedTensors,
} from '@bitwright/core';
import { shapeOf } from '../export/float-layers.js';
import { writeOperation } from '../export/write-operation.js';
import { createGraphWriter } from '../wire/graph-writer.js';
import { integerTensors, rectifierOf } from './integer-tensors.js';
import { layerNetwork, type TimedLayer } from './layer-network.js';
import { madeUpParameters } from './made-up-parameters.js';
import { createTensorQuantizers } from './tensor-quantizers.js';
import { withoutNormalization } from './without-normalization.js';
import { writeQuantizedConvolution } from './write-convolution.js';
import { writeMatMulNBits, writeQuantizedGemm } from './write-fully-connected.js';
import { writeTimingWeight } from './write-timing-weight.js';

export type TimingOptions = {
  /** Fully connected layers with weights of 4 bits become ONNX Runtime's MatMulNBits, which has a kernel for them. */
  readonly matMulNBits?: boolean | undefined;
};

/** Operator set; int4 weights need the second. */
const OPSET = 17;
const OPSET_INT4 = 21;

/**
 * A network at some bits as an ONNX file that takes as long as the real one: made-up weights, batch normalization folded.
 * Between quantized layers tensors stay integer, so that a runtime can use its integer kernels: a tensor is quantized
 * where a quantized layer gives it, also through rectifiers, pools and additions of such tensors, and where one reads it.
 * The batch is the first, open dimension. Throws `invalid_argument` for a policy of another length.
 */
export function exportForTiming(
  network: Network,
  precisions: readonly LayerPrecision[],
  options: TimingOptions = {},
): Uint8Array {
  const deployed = withoutNormalization(network);
  const layers = deriveLayers(deployed);
  if (layers.length !== precisions.length) {
    const found = `has ${precisions.length} layers, the network has ${layers.length} quantizable layers`;
    throw invalidField('policy.layers', found, 'POLICY_LENGTH');
  }
  const bits = new Map(layers.map(({ name }, index) => [name, precisions[index] as LayerPrecision]));
  return writeNetwork(deployed, bits, options);
}

/** One layer at some bits as {@link exportForTiming} writes networks; its node is named `layer`. */
export function exportLayer(layer: TimedLayer, precision: LayerPrecision, options: TimingOptions = {}): Uint8Array {
  return exportForTiming(toNetwork(layer), [precision], options);
}

function toNetwork(layer: TimedLayer): Network {
  try {
    return layerNetwork(layer);
  } catch (error) {
    throw new BitwrightError('unsupported', 'LAYER_SIZES', (error as Error).message, { cause: error });
  }
}

const FLOAT: LayerPrecision = { weightBits: FLOAT_BITS, activationBits: FLOAT_BITS };

function writeNetwork(
  network: Network,
  bits: ReadonlyMap<string, LayerPrecision>,
  { matMulNBits = false }: TimingOptions,
): Uint8Array {
  const writer = createGraphWriter();
  const parameters = madeUpParameters(network);
  const integer = integerTensors(network, bits);
  const quantizers = createTensorQuantizers(writer, signedTensors(network));
  const hasCodes = (tensor: string) => integer.has(tensor) && rectifierOf(network, tensor) === undefined;
  const read = (tensor: string) => (hasCodes(tensor) ? quantizers.quantize(tensor) : tensor);
  const readInFloat = (tensor: string) =>
    hasCodes(tensor) ? quantizers.quantizeForFloat(tensor, shapeOf(network, tensor)) : tensor;
  for (const node of network.nodes) {
    const precision = bits.get(node.id) ?? FLOAT;
    const isQuantized = precision.activationBits !== FLOAT_BITS;
    const context = { writer, network, node, parameters, quantizers, precision };
    if (node.operation.kind === 'fully-connected' && matMulNBits && precision.weightBits === 4) {
      writeMatMulNBits(context, read(node.inputs[0] as string));
    } else if (node.operation.kind === 'fully-connected' && isQuantized) {
      writeQuantizedGemm(context, read(node.inputs[0] as string));
    } else if (isQuantized) {
      writeQuantizedConvolution(context);
    } else {
      const inputs = node.inputs.map(node.operation.kind === 'convolution' ? readInFloat : read);
      writeOperation({ writer, network, parameters }, node, inputs, ({ id }, weight) =>
        writeTimingWeight(writer, `${id}.weight`, weight, precision.weightBits),
      );
    }
  }
  const output = { name: read((network.nodes.at(-1) as NetworkNode).id), classes: network.classes };
  const hasInt4 = [...bits.values()].some(({ weightBits }) => weightBits <= 4);
  const file = { graphName: network.name, opset: hasInt4 ? OPSET_INT4 : OPSET, metadata: {}, contrib: matMulNBits };
  return writer.finish({ name: network.nodes[0]?.id as string, shape: network.input }, output, file);
}
