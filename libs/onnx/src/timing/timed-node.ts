import type { LayerPrecision, Network, NetworkNode, Parameters } from '@bitwright/core';
import type { GraphWriter } from '../wire/graph-writer.js';
import type { TensorQuantizers } from './tensor-quantizers.js';

/** A node that is to be written, and what writing it takes. */
export type TimedNode = {
  readonly writer: GraphWriter;
  readonly network: Network;
  readonly node: NetworkNode;
  readonly parameters: Parameters;
  readonly quantizers: TensorQuantizers;
  readonly precision: LayerPrecision;
};
