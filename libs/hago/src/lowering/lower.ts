import type { Model } from '@bitwright/core';
import type { BitVariable, EdgeBits } from '../graph/search-space.js';
import type { Topology } from '../graph/topology.js';
import type { IntegerGraph, TensorFormat } from '../integer-graph.js';
import { lowerEdges, toFloat } from './lower-edges.js';
import { lowerKernels } from './lower-kernels.js';
import { loweringContext, type Thresholds, type WeightScales } from './lowering-context.js';

/**
 * The integer graph of an assignment of bits: kernels by the first descriptor that fits, scales from thresholds and bits,
 * rectified, and codes of weights and biases (in the steps of `weightScales` where there are any). Batch normalization must
 * be folded before. Throws `unsupported` `NO_DESCRIPTOR` where the hardware has no kernel for the bits.
 */
export function lowerToIntegers(
  model: Model,
  topology: Topology,
  space: readonly BitVariable[],
  bits: EdgeBits,
  thresholds: Thresholds,
  weightScales: WeightScales = new Map(),
): IntegerGraph {
  const context = loweringContext(model, topology, space, bits, thresholds, weightScales);
  const { requantization } = topology.specification;
  const nodes = requantization === 'kernel' ? lowerKernels(context) : lowerEdges(context);
  const last = nodes.at(-1);
  const output: TensorFormat = last?.output ?? { kind: 'float' };
  return { network: model.network, requantization, nodes, output: toFloat(last?.id ?? '', output) };
}
