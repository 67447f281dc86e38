import { invalidField, type Model, type Network, type NetworkNode } from '@bitwright/core';
import { createGraphWriter, type GraphWriter } from '../wire/graph-writer.js';
import { toFloatTensor } from '../wire/tensors.js';
import { type ExportOptions, finishNetwork } from './export-float.js';
import { shapeOf } from './float-layers.js';
import type { LayerQuantization } from './layer-quantization.js';
import { writeMultipointLayer } from './write-multipoint.js';
import { writeOperation } from './write-operation.js';
import { writeQuantizedInput, writeQuantizedWeight } from './write-quantized.js';

export type ExportQdqOptions = ExportOptions & {
  /** Stores weights of up to 4 bits as int4 (operator set 21); otherwise every code takes a byte (17). */
  readonly int4?: boolean;
  /**
   * Layers with points multiply integers, for hardware that has nothing else. Not the default, as ONNX Runtime's kernels of
   * `ConvInteger` take three to four times as long as those of `Conv`.
   */
  readonly integerProducts?: boolean;
};

/** Operator set of a quantized file. */
export function qdqOpset({ int4 = false }: Pick<ExportQdqOptions, 'int4'> = {}): number {
  return int4 ? 21 : 17;
}

/**
 * Writes a quantized model as ONNX with QuantizeLinear and DequantizeLinear nodes. Batch normalization should be
 * folded before: what is there is written in float. Precisions below 8 bits lie on the 8-bit grid: weights as int8
 * codes ±(2^(b-1) - 1), activations clipped to their highest code first; codebooks are gathered, points become output
 * channels of their own. Biases stay float.
 * Layers that are not listed, or are float, stay float. Throws `invalid_argument` for a layer that is not there.
 */
export function exportQdq(
  { network, parameters }: Model,
  layers: readonly LayerQuantization[],
  options: ExportQdqOptions = {},
): Uint8Array {
  const { metadata = {}, int4 = false, integerProducts = false } = options;
  const byNode = new Map(layers.map((layer) => [layer.node, layer]));
  assertLayersExist(byNode, new Set(network.nodes.map((node) => node.id)));
  const writer = createGraphWriter();
  for (const node of network.nodes) {
    const layer = byNode.get(node.id);
    const weightOf = layer?.weight;
    if (weightOf?.kind === 'multipoint') {
      const context = { writer, network, parameters };
      writeMultipointLayer(context, node, weightOf.points, { int4, integerProducts }, layer?.activation);
      continue;
    }
    const inputs = layer === undefined ? node.inputs : quantizeInputs({ writer, network }, node, layer);
    const separateBias = layer !== undefined && needsFloatBias(layer);
    writeOperation({ writer, network, parameters, separateBias }, node, inputs, ({ id }, weight) =>
      weightOf === undefined
        ? writer.tensor(toFloatTensor(`${id}.weight`, weight))
        : writeQuantizedWeight(writer, `${id}.weight`, weight, weightOf, int4),
    );
  }
  return finishNetwork(writer, network, qdqOpset(options), metadata);
}

/**
 * ONNX Runtime rounds a bias inside a quantized layer to steps of input scale x weight scale. With 8 bits that is
 * nothing; with fewer the steps are coarse enough to change classes. A bias added apart stays float.
 */
function needsFloatBias({ weight, activation }: LayerQuantization): boolean {
  if (weight.kind !== 'linear' || activation.kind !== 'linear') return false;
  return weight.bits < 8 || activation.bits < 8;
}

function quantizeInputs(
  { writer, network }: { readonly writer: GraphWriter; readonly network: Network },
  { id, inputs, operation }: NetworkNode,
  { weight, activation }: LayerQuantization,
): readonly string[] {
  const inFloat = operation.kind === 'convolution' && (weight.kind === 'float' || weight.kind === 'codebook');
  return inputs.map((input) =>
    writeQuantizedInput(writer, `${id}.input`, input, activation, inFloat ? shapeOf(network, input) : undefined),
  );
}

function assertLayersExist(layers: ReadonlyMap<string, LayerQuantization>, nodes: ReadonlySet<string>): void {
  for (const name of layers.keys()) {
    if (!nodes.has(name)) throw invalidField('layers', `the network has no layer "${name}"`, 'LAYER_UNKNOWN');
  }
}
