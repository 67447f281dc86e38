import type { Feed, GraphBuilder, GraphTensor, Session } from '@bitwright/tensor';
import type { NetworkVariables } from '../network/network-variables.js';
import { toTensorflowValues, weightShape } from '../network/parameter-layout.js';
import { integer, multiply, reshape } from '../operations/arithmetic.js';
import type { PlanStructure, QuantizationPlan } from '../quantization/plan.js';

/** After each update, every cluster's weights become their mean (HAQ); which weight is in which cluster stays. */
export interface CodebookProjection {
  /** Nodes that project, after the update of the weights. */
  readonly step: readonly string[];
  store(session: Session, plan: QuantizationPlan): void;
}

/** Codebooks have at most this many entries (8 bits); smaller ones leave the rest unused. */
const CLUSTERS = 256;

type Slot = {
  readonly layer: number;
  readonly codes: GraphTensor;
  readonly shares: GraphTensor;
  readonly stored: GraphTensor;
};

/** Emits the projection of every layer with a k-means quantizer. */
export function emitCodebookProjection(
  graph: GraphBuilder,
  {
    layers,
    structure,
  }: {
    readonly layers: readonly { readonly index: number; readonly name: string }[];
    readonly structure: PlanStructure;
  },
  variables: NetworkVariables,
  updates: readonly string[],
): CodebookProjection {
  const clustered = layers.filter(({ index }) => structure.weights[index] === 'k-means');
  const step: string[] = [];
  const slots = clustered.map(({ index, name }): Slot => {
    const weight = `${name}.weight`;
    const { shape } = variables.parameter(weight);
    const size = shape.reduce((product, length) => product * length, 1);
    const [codes, shares] = [graph.variable('int32', [size]), graph.variable('float32', [CLUSTERS])];
    const feeds = [graph.placeholder('int32', [size]), graph.placeholder('float32', [CLUSTERS])] as const;
    const stored = graph.signal([graph.assign(codes, feeds[0]), graph.assign(shares, feeds[1])]);
    const updated = graph.read(variables.variable(weight), updates);
    const projected = project(graph, updated, graph.read(codes), graph.read(shares), size);
    step.push(graph.assign(variables.variable(weight), projected));
    return { layer: index, codes: feeds[0], shares: feeds[1], stored };
  });
  return { step, store: (session, plan) => storeCodebooks(session, plan, slots) };
}

function project(
  graph: GraphBuilder,
  weight: GraphTensor,
  codes: GraphTensor,
  shares: GraphTensor,
  size: number,
): GraphTensor {
  const flat = reshape(graph, weight, [size]);
  const segment = { T: { type: 'float32' }, Tindices: { type: 'int32' }, Tnumsegments: { type: 'int32' } } as const;
  const sums = graph.operation('UnsortedSegmentSum', {
    inputs: [flat, codes, integer(graph, CLUSTERS)],
    attributes: segment,
    outputs: [{ shape: [CLUSTERS] }],
  })[0] as GraphTensor;
  const gather = { Tparams: { type: 'float32' }, Tindices: { type: 'int32' }, Taxis: { type: 'int32' } } as const;
  const values = graph.operation('GatherV2', {
    inputs: [multiply(graph, sums, shares), codes, integer(graph, 0)],
    attributes: gather,
    outputs: [{ shape: [size] }],
  })[0] as GraphTensor;
  return reshape(graph, values, weight.shape);
}

function storeCodebooks(session: Session, plan: QuantizationPlan, slots: readonly Slot[]): void {
  if (slots.length === 0) return;
  const feeds = slots.flatMap(({ layer, codes, shares }): Feed[] => {
    const entry = plan[layer];
    if (entry?.weight.kind !== 'k-means') throw new Error(`layer ${layer} has no codebook`);
    const { assignments } = entry.weight.codebook;
    const shape = weightShape(entry.layer);
    // Codes travel as floats through the same transposition as the weights: exact, they are below 256.
    const ordered = toTensorflowValues({ shape, values: Float32Array.from(assignments) });
    return [
      { target: codes, values: Int32Array.from(ordered) },
      { target: shares, values: sharesOf(assignments) },
    ];
  });
  session.run(
    feeds,
    slots.map(({ stored }) => stored),
  );
}

/** One over the number of members of each cluster; 0 for an empty one. */
function sharesOf(assignments: Uint8Array): Float32Array {
  const counts = new Float32Array(CLUSTERS);
  for (const code of assignments) counts[code] = (counts[code] as number) + 1;
  return counts.map((count) => (count > 0 ? 1 / count : 0));
}
