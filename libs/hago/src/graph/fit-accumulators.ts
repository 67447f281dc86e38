import type { Model, NetworkNode, ParameterTensor } from '@bitwright/core';
import { bitsOf, type IntegerType, typeRange } from '../element-type.js';
import { scaleOf, weightThresholds } from '../lowering/scales.js';
import { type BitVariable, FEWEST_BITS, highestBits } from './search-space.js';
import { bitsByEdge, selectDescriptors } from './select-descriptors.js';
import type { Edge, Topology } from './topology.js';

/** What the float network has in each output channel of each layer on calibration samples: the largest magnitude. */
export type ChannelMaximums = ReadonlyMap<string, Float32Array>;

/**
 * The same variables without the bits at which a layer's sums would not fit its accumulator: of weight and input, whichever
 * has more bits loses one until the largest sum fits. Sums may wrap on the way, as only the last one counts. Ours: HAGO
 * starts at the most bits and has to find its way out of overflow.
 */
export function fitAccumulators(
  model: Model,
  topology: Topology,
  space: readonly BitVariable[],
  thresholds: ReadonlyMap<string, number>,
  maximums: ChannelMaximums,
): readonly BitVariable[] {
  const caps = new Map<BitVariable, number>();
  const kernels = selectDescriptors(topology, bitsByEdge(space, highestBits(space)));
  for (const node of model.network.nodes) {
    const type = kernels.get(node.id)?.output as IntegerType | undefined;
    const sums = maximums.get(node.id);
    const weight = model.parameters.get(`${node.id}.weight`);
    if (type === undefined || bitsOf(type) >= 32 || sums === undefined || weight === undefined) continue;
    capLayer(caps, space, { node, weight, sums, threshold: thresholds.get(node.inputs[0] ?? '') ?? 0, type });
  }
  return space.map((variable) => {
    const cap = caps.get(variable) ?? Number.POSITIVE_INFINITY;
    return { ...variable, choices: variable.choices.filter((bits) => bits <= cap) };
  });
}

type NarrowLayer = {
  readonly node: NetworkNode;
  readonly weight: ParameterTensor;
  /** Largest magnitude of each output channel. */
  readonly sums: Float32Array;
  /** Of what the layer reads. */
  readonly threshold: number;
  readonly type: IntegerType;
};

function capLayer(caps: Map<BitVariable, number>, space: readonly BitVariable[], layer: NarrowLayer): void {
  const find = (matches: (edge: Edge) => boolean) => space.find(({ edges }) => edges.some(matches));
  const input = find(({ consumer, isWeight }) => consumer === layer.node.id && !isWeight);
  const weight = find(({ source }) => source === `${layer.node.id}.weight`);
  if (input === undefined || weight === undefined) return;
  const capOf = (variable: BitVariable) => caps.get(variable) ?? (variable.choices[0] as number);
  while (largestCode(layer, capOf(input), capOf(weight)) > typeRange(layer.type).highest) {
    const wider = capOf(weight) >= capOf(input) ? weight : input;
    if (capOf(wider) <= FEWEST_BITS) return;
    caps.set(wider, capOf(wider) - 1);
  }
}

/** The largest of a layer's sums, in steps of its accumulator. */
function largestCode({ node, weight, sums, threshold }: NarrowLayer, inputBits: number, weightBits: number): number {
  const isPerChannel = node.operation.kind === 'convolution';
  const thresholds = weightThresholds(weight.values, isPerChannel ? sums.length : 1);
  const inputScale = scaleOf(threshold, inputBits, false);
  return sums.reduce((most, sum, channel) => {
    const weightThreshold = thresholds[isPerChannel ? channel : 0] as number;
    if (weightThreshold === 0) return most;
    return Math.max(most, sum / (inputScale * scaleOf(weightThreshold, weightBits, false)));
  }, 0);
}
