import type { Network, NetworkNode } from '@bitwright/core';
import type { GraphBuilder } from '@bitwright/tensor';
import { type OutputRange, rectifiedRange } from '../operations/batch-normalization.js';
import { canNormalizeItsInput } from '../operations/normalized-depthwise.js';
import { quantizedRange } from '../operations/quantize-activation.js';
import type { EmissionOptions } from './emit-network.js';
import { consumersOf } from './fold-batch-normalization.js';

/** What a training normalization does in the same pass over its values, and which nodes need do it no more. */
export type NormalizationFusion = {
  readonly normalization: NetworkNode;
  readonly range: OutputRange;
  /** The rectifier behind it. */
  readonly rectifier: string | undefined;
  /** The layer whose input quantizer it has; the gradient of its clip threshold comes from the normalization. */
  readonly quantized: string | undefined;
  /** The depthwise layer that does all this itself, row by row. */
  readonly into: string | undefined;
};

/**
 * Normalizations whose only reader is a rectifier, or a layer with a quantizer (behind a rectifier that the quantizer
 * absorbs, or directly). Only training ones: others are folded into weights.
 */
export function normalizationFusions(
  graph: GraphBuilder,
  network: Network,
  options: EmissionOptions,
): readonly NormalizationFusion[] {
  if (options.batchNormalization.kind !== 'training') return [];
  const consumers = consumersOf(network);
  const onlyReader = ({ id }: NetworkNode) => {
    const [reader, ...others] = consumers.get(id) ?? [];
    return others.length === 0 ? reader : undefined;
  };
  return network.nodes
    .filter(({ operation }) => operation.kind === 'batch-normalization')
    .flatMap((node) => fusionOf(graph, node, onlyReader, options) ?? []);
}

type OnlyReader = (node: NetworkNode) => NetworkNode | undefined;

function fusionOf(
  graph: GraphBuilder,
  normalization: NetworkNode,
  onlyReader: OnlyReader,
  options: EmissionOptions,
): NormalizationFusion | undefined {
  const reader = onlyReader(normalization);
  if (reader === undefined) return undefined;
  const kind = rectifierKind(reader);
  const rectifier = kind === undefined ? undefined : reader.id;
  const layer = kind === undefined ? reader : onlyReader(reader);
  if (kind !== undefined && options.absorbed?.has(reader.id) !== true) {
    // A quantizer of another kind may stand before the layer.
    const into = options.quantization === undefined ? depthwiseOf(layer, normalization) : undefined;
    return { normalization, range: rectifiedRange(graph, kind), rectifier, quantized: undefined, into };
  }
  const quantizer = layer && options.quantization?.inputQuantizer(layer.id);
  if (quantizer === undefined) return undefined;
  const range = quantizedRange(graph, quantizer);
  return { normalization, range, rectifier, quantized: layer?.id, into: depthwiseOf(layer, normalization) };
}

function rectifierKind({ operation: { kind } }: NetworkNode): 'relu' | 'relu6' | undefined {
  return kind === 'relu' || kind === 'relu6' ? kind : undefined;
}

function depthwiseOf(layer: NetworkNode | undefined, { output }: NetworkNode): string | undefined {
  if (layer?.operation.kind !== 'convolution') return undefined;
  return canNormalizeItsInput(layer.operation, output.channels) ? layer.id : undefined;
}
