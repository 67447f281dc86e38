import { DATA_TYPE_CODES, type DataType, dataTypeOfValues, type TensorValues } from './data-type.js';
import { ProtobufWriter } from './protobuf.js';

/** A tensor in a graph: output `index` of node `node`. */
export type GraphTensor = {
  readonly node: string;
  readonly index: number;
  readonly dtype: DataType;
  readonly shape: readonly number[];
};

/** A tensor that keeps its value between runs. */
export type Variable = { readonly handle: string; readonly dtype: DataType; readonly shape: readonly number[] };

/** An attribute of an operation; `types` and `texts` are lists, `ints` always is. */
export type Attribute =
  | { readonly type: DataType }
  | { readonly types: readonly DataType[] }
  | { readonly ints: readonly number[] }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] };

export type OutputType = { readonly dtype?: DataType; readonly shape: readonly number[] };

export type OperationOptions = {
  readonly inputs: readonly GraphTensor[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly OutputType[];
  /** Nodes that must have run before. */
  readonly after?: readonly string[];
};

/**
 * Builds a TensorFlow graph, node by node, as a GraphDef. Shapes are the caller's claim: TensorFlow checks them when
 * the graph runs.
 */
export class GraphBuilder {
  readonly #nodes: Uint8Array[] = [];

  /** Any operation of TensorFlow by its registered name; one tensor per entry of `outputs`. */
  operation(name: string, options: OperationOptions): readonly GraphTensor[] {
    const inputs = options.inputs.map(({ node, index }) => `${node}:${index}`);
    const after = (options.after ?? []).map((node) => `^${node}`);
    const node = this.#add(name, [...inputs, ...after], options.attributes ?? {});
    return options.outputs.map(({ dtype = 'float32', shape }, index) => ({ node, index, dtype, shape }));
  }

  /** A value given with each run. */
  placeholder(dtype: DataType, shape: readonly number[]): GraphTensor {
    const node = this.#add('Placeholder', [], { dtype: { type: dtype } }, (writer) => {
      writeAttribute(writer, 'shape', (value) => value.message(7, (message) => writeShape(message, shape)));
    });
    return { node, index: 0, dtype, shape };
  }

  constant(values: TensorValues, shape: readonly number[]): GraphTensor {
    const dtype = dataTypeOfValues(values);
    const node = this.#add('Const', [], { dtype: { type: dtype } }, (writer) => {
      writeAttribute(writer, 'value', (value) =>
        value.message(8, (tensor) => writeTensor(tensor, dtype, shape, values)),
      );
    });
    return { node, index: 0, dtype, shape };
  }

  variable(dtype: DataType, shape: readonly number[]): Variable {
    const name = `variable${this.#nodes.length}`;
    const handle = this.#add('VarHandleOp', [], { dtype: { type: dtype }, shared_name: { text: name } }, (writer) => {
      writeAttribute(writer, 'shape', (value) => value.message(7, (message) => writeShape(message, shape)));
    });
    return { handle, dtype, shape };
  }

  /** The variable's value, read after the nodes of `after`. */
  read(variable: Variable, after: readonly string[] = []): GraphTensor {
    const inputs = [variable.handle, ...after.map((node) => `^${node}`)];
    const node = this.#add('ReadVariableOp', inputs, { dtype: { type: variable.dtype } });
    return { node, index: 0, dtype: variable.dtype, shape: variable.shape };
  }

  /** Sets the variable; gives the node to wait for. */
  assign(variable: Variable, value: GraphTensor, after: readonly string[] = []): string {
    const inputs = [variable.handle, `${value.node}:${value.index}`, ...after.map((node) => `^${node}`)];
    return this.#add('AssignVariableOp', inputs, { dtype: { type: variable.dtype } });
  }

  /** An operation whose first inputs are variables (`ResourceApply...`); gives the node to wait for. */
  update(name: string, variables: readonly Variable[], options: Omit<OperationOptions, 'outputs'>): string {
    const handles = variables.map(({ handle }) => handle);
    const inputs = options.inputs.map(({ node, index }) => `${node}:${index}`);
    const after = (options.after ?? []).map((node) => `^${node}`);
    return this.#add(name, [...handles, ...inputs, ...after], options.attributes ?? {});
  }

  /** A tensor to fetch so that the given nodes run; its value means nothing. */
  signal(after: readonly string[]): GraphTensor {
    const inputs = after.map((node) => `^${node}`);
    const node = this.#add('Const', inputs, { dtype: { type: 'int32' } }, (writer) => {
      writeAttribute(writer, 'value', (value) =>
        value.message(8, (tensor) => writeTensor(tensor, 'int32', [], Int32Array.of(0))),
      );
    });
    return { node, index: 0, dtype: 'int32', shape: [] };
  }

  /** The graph as a serialized GraphDef. */
  finish(): Uint8Array {
    const writer = new ProtobufWriter();
    for (const node of this.#nodes) writer.bytes(1, node);
    // The producer version says which behaviours the graph expects; this is TensorFlow 2's.
    writer.message(4, (versions) => versions.integer(1, 1087));
    return writer.finish();
  }

  #add(
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    more?: (writer: ProtobufWriter) => void,
  ): string {
    const name = `n${this.#nodes.length}`;
    const writer = new ProtobufWriter().text(1, name).text(2, operation);
    for (const input of inputs) writer.text(3, input);
    for (const [key, attribute] of Object.entries(attributes)) {
      writeAttribute(writer, key, (value) => writeAttributeValue(value, attribute));
    }
    more?.(writer);
    this.#nodes.push(writer.finish());
    return name;
  }
}

function writeAttribute(writer: ProtobufWriter, key: string, write: (value: ProtobufWriter) => void): void {
  writer.message(5, (entry) => entry.text(1, key).message(2, write));
}

function writeAttributeValue(writer: ProtobufWriter, attribute: Attribute): void {
  if ('type' in attribute) writer.integer(6, DATA_TYPE_CODES[attribute.type]);
  else if ('int' in attribute) writer.integer(3, attribute.int);
  else if ('float' in attribute) writer.float(4, attribute.float);
  else if ('bool' in attribute) writer.integer(5, attribute.bool ? 1 : 0);
  else if ('text' in attribute) writer.text(2, attribute.text);
  else writer.message(1, (list) => writeList(list, attribute));
}

function writeList(
  list: ProtobufWriter,
  attribute: Extract<Attribute, { types: unknown } | { ints: unknown } | { texts: unknown }>,
) {
  if ('types' in attribute) for (const type of attribute.types) list.integer(6, DATA_TYPE_CODES[type]);
  else if ('ints' in attribute) for (const value of attribute.ints) list.integer(3, value);
  else for (const value of attribute.texts) list.text(2, value);
}

function writeShape(writer: ProtobufWriter, shape: readonly number[]): void {
  for (const size of shape) writer.message(2, (dimension) => dimension.integer(1, size));
}

function writeTensor(writer: ProtobufWriter, dtype: DataType, shape: readonly number[], values: TensorValues): void {
  writer.integer(1, DATA_TYPE_CODES[dtype]).message(2, (message) => writeShape(message, shape));
  writer.bytes(4, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
