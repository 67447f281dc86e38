import type { Layer } from './layers.js';
import type { Network, NetworkNode } from './network.js';

/** The network's input, where layers stand for what they give. */
export const NETWORK_INPUT = -1;

/** An addition, and the layers whose outputs it joins, through operations that are no layers; elements of one image. */
export type Join = { readonly sources: readonly number[]; readonly elements: number };

/** Whose outputs are read where. */
export type DataFlow = {
  /** For each layer the indices of the layers whose outputs it reads, or {@link NETWORK_INPUT}. */
  readonly sources: readonly (readonly number[])[];
  readonly joins: readonly Join[];
};

/** What each layer and each addition of a network reads. */
export function dataFlowOf(network: Network, layers: readonly Pick<Layer, 'name'>[]): DataFlow {
  const indexOf = new Map(layers.map(({ name }, index) => [name, index]));
  const given = new Map<string, ReadonlySet<number>>();
  const readBy = ({ inputs }: NetworkNode) => new Set(inputs.flatMap((input) => [...(given.get(input) ?? [])]));
  const sources: (readonly number[])[] = layers.map(() => [NETWORK_INPUT]);
  const joins: Join[] = [];
  for (const node of network.nodes) {
    const read = node.operation.kind === 'input' ? new Set([NETWORK_INPUT]) : readBy(node);
    const layer = indexOf.get(node.id);
    given.set(node.id, layer === undefined ? read : new Set([layer]));
    if (layer !== undefined) sources[layer] = [...read];
    const { height, width, channels } = node.output;
    if (node.operation.kind === 'add') joins.push({ sources: [...read], elements: height * width * channels });
  }
  return { sources, joins };
}

/** Layers one after the other, where the graph is not known. */
export function chainOf(layers: readonly unknown[]): DataFlow {
  return { sources: layers.map((_, index) => [index === 0 ? NETWORK_INPUT : index - 1]), joins: [] };
}
