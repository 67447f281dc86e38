import { type Model, type NetworkNode, type ParameterTensor, roundHalfToEven, signedTensors } from '@bitwright/core';
import type { BitVariable, EdgeBits } from '../graph/search-space.js';
import { type BitsOfEdge, bitsByEdge, selectDescriptors } from '../graph/select-descriptors.js';
import type { Edge, Topology } from '../graph/topology.js';
import type { OperatorDescriptor } from '../hardware/specification.js';
import type { IntegerFormat, IntegerParameters } from '../integer-graph.js';
import { quantizeParameters } from './scales.js';

/** Largest magnitude that each node's output is to hold, by the node's id. */
export type Thresholds = ReadonlyMap<string, number>;

/** Steps of the weights that lie on grids already, by the layer's id: one, or one for each output channel. */
export type WeightScales = ReadonlyMap<string, Float32Array>;

/** What lowering reads. */
export type LoweringContext = {
  readonly model: Model;
  readonly topology: Topology;
  readonly descriptors: ReadonlyMap<string, OperatorDescriptor>;
  readonly bitsOf: BitsOfEdge;
  readonly thresholdOf: (tensor: string) => number;
  readonly weightScales: WeightScales;
  readonly isUnsigned: (tensor: string) => boolean;
};

/** Checks an assignment and finds its kernels. Throws `unsupported` `NO_DESCRIPTOR`, `invalid_argument` for a wrong length. */
export function loweringContext(
  model: Model,
  topology: Topology,
  space: readonly BitVariable[],
  bits: EdgeBits,
  thresholds: Thresholds,
  weightScales: WeightScales,
): LoweringContext {
  const bitsOf = bitsByEdge(space, bits);
  const signed = signedTensors(model.network);
  return {
    model,
    topology,
    descriptors: selectDescriptors(topology, bitsOf),
    bitsOf,
    thresholdOf: (tensor) => {
      const threshold = thresholds.get(tensor);
      if (threshold === undefined) throw new Error(`there is no threshold for ${tensor}`);
      return threshold;
    },
    weightScales,
    isUnsigned: (tensor) => topology.specification.unsignedCodes && !signed.has(tensor),
  };
}

/** A layer's parameters as codes, and the scales of its sums. */
export function lowerLayer(
  { model, topology, bitsOf, weightScales }: LoweringContext,
  { id, operation }: NetworkNode,
  input: IntegerFormat,
): { readonly parameters: IntegerParameters; readonly scales: Float64Array } {
  const weightEdge = topology.edges.find(({ source }) => source === `${id}.weight`) as Edge;
  const inputScale = input.scales[0] as number;
  const perChannel = operation.kind === 'convolution';
  const bits = bitsOf(weightEdge) as number;
  const weight = model.parameters.get(`${id}.weight`) as ParameterTensor;
  const bias = model.parameters.get(`${id}.bias`);
  const parameters = quantizeParameters(weight, bias, { bits, perChannel, inputScale, scales: weightScales.get(id) });
  return { parameters, scales: Float64Array.from(parameters.scales, (scale) => inputScale * scale) };
}

/** The codes between which a rectifier keeps a tensor. */
export function rectifierLimits(operation: NetworkNode['operation'], { scales }: IntegerFormat) {
  const highest = scales.map((scale) =>
    operation.kind === 'relu6' ? roundHalfToEven(6 / scale) : Number.MAX_SAFE_INTEGER,
  );
  return { lowest: new Float64Array(scales.length), highest };
}
