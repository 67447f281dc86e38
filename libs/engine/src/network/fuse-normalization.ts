import type { Network, NetworkNode } from '@bitwright/core';
import type { GraphBuilder } from '@bitwright/tensor';
import { type OutputRange, rectifiedRange } from '../operations/batch-normalization.js';
import { quantizedRange } from '../operations/quantize-activation.js';
import type { EmissionOptions } from './emit-network.js';
import { consumersOf } from './fold-batch-normalization.js';

/** What a training normalization does in the same pass over its values, and which nodes need do it no more. */
export type NormalizationFusion = {
  readonly range: OutputRange;
  /** The rectifier behind it. */
  readonly rectifier: string | undefined;
  /** The layer whose input comes quantized; the gradient of its clip threshold comes from the normalization. */
  readonly layer: string | undefined;
};

/**
 * Normalizations whose only reader is a rectifier, or a layer with a quantizer (behind a rectifier that the quantizer
 * absorbs, or directly), by their ids. Only training ones: others are folded into weights.
 */
export function normalizationFusions(
  graph: GraphBuilder,
  network: Network,
  options: EmissionOptions,
): ReadonlyMap<string, NormalizationFusion> {
  const fusions = new Map<string, NormalizationFusion>();
  if (options.batchNormalization.kind !== 'training') return fusions;
  const consumers = consumersOf(network);
  const onlyReader = ({ id }: NetworkNode) => {
    const [reader, ...others] = consumers.get(id) ?? [];
    return others.length === 0 ? reader : undefined;
  };
  for (const node of network.nodes) {
    if (node.operation.kind !== 'batch-normalization') continue;
    const fusion = fusionWith(graph, onlyReader(node), onlyReader, options);
    if (fusion !== undefined) fusions.set(node.id, fusion);
  }
  return fusions;
}

function fusionWith(
  graph: GraphBuilder,
  reader: NetworkNode | undefined,
  onlyReader: (node: NetworkNode) => NetworkNode | undefined,
  options: EmissionOptions,
): NormalizationFusion | undefined {
  if (reader === undefined) return undefined;
  const { kind } = reader.operation;
  const isRectifier = kind === 'relu' || kind === 'relu6';
  const isAbsorbed = options.absorbed?.has(reader.id) === true;
  if (isRectifier && !isAbsorbed) {
    return { range: rectifiedRange(graph, kind), rectifier: reader.id, layer: undefined };
  }
  const layer = isRectifier ? onlyReader(reader) : reader;
  const quantizer = layer && options.quantization?.inputQuantizer(layer.id);
  if (quantizer === undefined) return undefined;
  return { range: quantizedRange(graph, quantizer), rectifier: isRectifier ? reader.id : undefined, layer: layer?.id };
}
