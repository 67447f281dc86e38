import type { Network, NetworkNode, Parameters, ParameterTensor } from '@bitwright/core';
import type { GraphBuilder, GraphTensor, Session, Variable } from '@bitwright/tensor';
import { parameterShapes } from './create-parameters.js';
import { fromTensorflowValues, toTensorflowShape, toTensorflowValues } from './parameter-layout.js';

/** The parameters of a network as variables of a graph, to be filled and read in a session. */
export interface NetworkVariables {
  /** The value of `<nodeId>.<role>` at the start of a run. */
  readonly parameter: (name: string) => GraphTensor;
  readonly variable: (name: string) => Variable;
  /** Copies parameters into the session; throws when one is missing. */
  store(session: Session, parameters: Parameters): void;
  /** Copies some of the parameters into the session; the others keep their values. */
  update(session: Session, parameters: Parameters): void;
  /** Copies the parameters out of the session. */
  load(session: Session): Parameters;
}

type Slot = {
  readonly shape: readonly number[];
  readonly variable: Variable;
  readonly value: GraphTensor;
  readonly feed: GraphTensor;
  readonly stored: GraphTensor;
};

/** Declares a variable per parameter of the network. */
export function declareVariables(graph: GraphBuilder, network: Network): NetworkVariables {
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  const slots = new Map<string, Slot>();
  for (const [name, shape] of parameterShapes(network)) {
    const node = nodes.get(name.slice(0, name.lastIndexOf('.'))) as NetworkNode;
    slots.set(name, declareSlot(graph, node, shape));
  }
  const slot = (name: string) => {
    const found = slots.get(name);
    if (found === undefined) throw new Error(`the network has no parameter ${name}`);
    return found;
  };
  return {
    parameter: (name) => slot(name).value,
    variable: (name) => slot(name).variable,
    store: (session, parameters) => storeAll(session, slots, parameters),
    update: (session, parameters) =>
      storeAll(session, new Map([...parameters.keys()].map((name) => [name, slot(name)])), parameters),
    load: (session) => loadAll(session, slots),
  };
}

function declareSlot(graph: GraphBuilder, node: NetworkNode, shape: readonly number[]): Slot {
  const layout = toTensorflowShape(node, shape);
  const variable = graph.variable('float32', layout);
  const feed = graph.placeholder('float32', layout);
  const assigned = graph.assign(variable, feed);
  return { shape, variable, value: graph.read(variable), feed, stored: graph.read(variable, [assigned]) };
}

function storeAll(session: Session, slots: ReadonlyMap<string, Slot>, parameters: Parameters): void {
  const feeds = [...slots].map(([name, slot]) => {
    const tensor = parameters.get(name);
    if (tensor === undefined) throw new Error(`the parameter ${name} is missing`);
    return { target: slot.feed, values: toTensorflowValues(tensor) };
  });
  session.run(
    feeds,
    [...slots.values()].map((slot) => slot.stored),
  );
}

function loadAll(session: Session, slots: ReadonlyMap<string, Slot>): Parameters {
  const fetched = session.run(
    [],
    [...slots.values()].map((slot) => slot.value),
  );
  const entries = [...slots].map(([name, { shape }], index): [string, ParameterTensor] => {
    const values = fetched[index]?.values as Float32Array;
    return [name, { shape, values: fromTensorflowValues(values, shape) }];
  });
  return new Map(entries);
}
