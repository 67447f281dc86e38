import type { AttributeProto, NodeProto, TensorProto } from '../gen/onnx/onnx.js';

/** Settings of a node to write: a whole number, a list of them, or a float wrapped as `{ float }`. */
export type AttributeValue = number | readonly number[] | { readonly float: number };

const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;

/** An attribute as the format stores it. */
export function toAttribute(name: string, value: AttributeValue): AttributeProto {
  const empty = { name, f: 0, i: 0, s: Buffer.alloc(0), t: undefined, floats: [], ints: [], type: 0 };
  if (typeof value === 'number') return { ...empty, i: value, type: ATTRIBUTE_TYPE.int };
  if ('float' in value) return { ...empty, f: value.float, type: ATTRIBUTE_TYPE.float };
  return { ...empty, ints: [...value], type: ATTRIBUTE_TYPE.ints };
}

const find = (node: NodeProto, name: string) => node.attribute.find((attribute) => attribute.name === name);

/** A whole-number setting, or its default. */
export function readInt(node: NodeProto, name: string, standard: number): number {
  return find(node, name)?.i ?? standard;
}

/** A list of whole numbers, or its default. */
export function readInts(node: NodeProto, name: string, standard: readonly number[]): readonly number[] {
  const attribute = find(node, name);
  return attribute === undefined ? standard : attribute.ints;
}

export function readFloat(node: NodeProto, name: string, standard: number): number {
  return find(node, name)?.f ?? standard;
}

export function readText(node: NodeProto, name: string, standard: string): string {
  const attribute = find(node, name);
  return attribute === undefined ? standard : new TextDecoder().decode(attribute.s);
}

export function readTensor(node: NodeProto, name: string): TensorProto | undefined {
  return find(node, name)?.t;
}
