import type { Layer } from '@bitwright/core';
import { pointBasis } from '@bitwright/quantizers';
import type { Feed, GraphBuilder, GraphTensor, Session } from '@bitwright/tensor';
import type { NetworkVariables } from '../network/network-variables.js';
import { toTensorflowValues, weightShape } from '../network/parameter-layout.js';
import { multiply, reduce, reshape } from '../operations/arithmetic.js';
import type { PlanStructure, QuantizationPlan } from '../quantization/plan.js';

/** After each update, every channel becomes the nearest sum of its points: their coefficients learn, their codes stay. */
export interface PointProjection {
  /** Nodes that project, after the update of the weights. */
  readonly step: readonly string[];
  store(session: Session, plan: QuantizationPlan): void;
}

type Slot = { readonly layer: number; readonly basis: GraphTensor; readonly stored: GraphTensor };

/** Emits the projection of every layer with points. */
export function emitPointProjection(
  graph: GraphBuilder,
  { layers, structure }: { readonly layers: readonly Layer[]; readonly structure: PlanStructure },
  variables: NetworkVariables,
  updates: readonly string[],
): PointProjection {
  const step: string[] = [];
  const withPoints = layers.filter(({ index }) => structure.weights[index] === 'multipoint');
  const slots = withPoints.map(({ index, name, weights, outChannels }): Slot => {
    const weight = variables.variable(`${name}.weight`);
    const { shape } = variables.parameter(`${name}.weight`);
    const matrix = [weights / outChannels, outChannels];
    const variable = graph.variable('float32', [structure.pointDepth, ...matrix]);
    const basis = graph.placeholder('float32', [structure.pointDepth, ...matrix]);
    const stored = graph.signal([graph.assign(variable, basis)]);
    const updated = reshape(graph, graph.read(weight, updates), matrix);
    step.push(graph.assign(weight, reshape(graph, project(graph, graph.read(variable), updated), shape)));
    return { layer: index, basis, stored };
  });
  return { step, store: (session, plan) => storeBases(session, plan, slots) };
}

/** The sum of (b·w) b over the basis, for each column of w. */
function project(graph: GraphBuilder, basis: GraphTensor, weight: GraphTensor): GraphTensor {
  const [depth = 1, , channels = 1] = basis.shape;
  const products = reduce(graph, 'Sum', multiply(graph, basis, weight), [1]);
  return reduce(graph, 'Sum', multiply(graph, basis, reshape(graph, products, [depth, 1, channels])), [0]);
}

function storeBases(session: Session, plan: QuantizationPlan, slots: readonly Slot[]): void {
  if (slots.length === 0) return;
  const feeds = slots.map(({ layer, basis }): Feed => {
    const entry = plan[layer];
    if (entry?.weight.kind !== 'multipoint') throw new Error(`layer ${layer} has no points`);
    const [depth = 1, size = 1, channels = 1] = basis.shape;
    const shape = weightShape(entry.layer);
    const values = new Float32Array(depth * size * channels);
    pointBasis(entry.weight.multipoint, depth).forEach((vectors, index) => {
      values.set(toTensorflowValues({ shape, values: vectors }), index * size * channels);
    });
    return { target: basis, values };
  });
  session.run(
    feeds,
    slots.map(({ stored }) => stored),
  );
}
