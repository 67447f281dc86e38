import { createRandomSource, type RandomSource } from '@bitwright/core';
import {
  bitsOf,
  type Conversion,
  codesOfBits,
  type ElementType,
  type IntegerGraph,
  type IntegerKernel,
  type IntegerNode,
  type IntegerType,
  simulatedQuantize,
  type TensorFormat,
  typeRange,
} from '@bitwright/hago';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import { describe, expect, it } from 'vitest';
import { cast } from '../operations/arithmetic.js';
import { emitConversion } from './emit-conversion.js';
import { emitKernel } from './emit-kernel.js';
import { createGraphFeeds, type GraphFeeds } from './graph-feeds.js';

const COUNT = 500;
const FLOAT: TensorFormat = { kind: 'float' };
const INTEGERS: readonly IntegerType[] = ['int8', 'int16', 'int32'];

/** Powers of two, so that neither multipliers nor quotients are rounded, and definition and engine agree exactly. */
type Case = {
  readonly inType: ElementType;
  readonly outType: ElementType;
  readonly inScale: number;
  readonly outScale: number;
  readonly bits: number;
};

const formatOf = (type: ElementType, scale: number): TensorFormat =>
  type === 'float32' ? FLOAT : { kind: 'integer', type, unsigned: false, scales: Float64Array.of(scale) };

function conversionOf({ inType, outType, inScale, outScale, bits }: Case): Conversion {
  const [from, to] = [formatOf(inType, inScale), formatOf(outType, outScale)];
  if (to.kind === 'float') return from.kind === 'float' ? { kind: 'none' } : { kind: 'dequantize', from };
  const range = codesOfBits(bits, false);
  if (from.kind === 'float') return { kind: 'quantize', to, range };
  return { kind: 'requantize', multipliers: Float32Array.of(inScale / outScale), to, range };
}

/** What HAGO defines, as the engine has it: codes of integers, else float32. */
function define(value: number, { bits, ...one }: Case): number {
  const quantized = simulatedQuantize(value, { ...one, clip: codesOfBits(bits, false) });
  return one.outType === 'float32' ? Math.fround(quantized) : quantized / one.outScale;
}

/** An addition in the type that comes in, and the conversion for who reads it. */
function graphOf(one: Case): IntegerGraph {
  const output = { height: 1, width: 1, channels: 1 };
  const node = { id: 'sum', operation: { kind: 'add' }, inputs: ['a', 'b'], output } as const;
  const kernel: IntegerKernel | undefined = one.inType === 'float32' ? undefined : { type: one.inType };
  const sum: IntegerNode = { id: 'sum', node, inputs: [], kernel, output: formatOf(one.inType, one.inScale) };
  const read = { source: 'sum', conversion: conversionOf(one), format: formatOf(one.outType, one.outScale) };
  return {
    network: { name: 'sum', input: output, classes: 1, nodes: [node] },
    requantization: 'edge',
    nodes: [sum],
    output: read,
  };
}

type Operands = { readonly narrow: Float32Array; readonly wide: Int32Array };

/** Two operands in containers of other types, or floats in their place. */
function emitSum(graph: GraphBuilder, feeds: GraphFeeds, { nodes }: IntegerGraph, { narrow, wide }: Operands) {
  const float = feeds.tensor('float32', [COUNT], () => narrow);
  const [node] = nodes as [IntegerNode];
  if (node.kernel === undefined) return float;
  const inputs = [
    float,
    cast(
      graph,
      feeds.tensor('int32', [COUNT], () => wide),
      'float64',
    ),
  ];
  const find = (other: IntegerGraph) => other.nodes[0]?.kernel as IntegerKernel;
  return emitKernel({ graph, feeds, node, kernel: node.kernel, inputs, find });
}

/** What a reader gets: codes, or floats. */
function convert(integers: IntegerGraph, operands: Operands): number[] {
  const graph = new GraphBuilder();
  const feeds = createGraphFeeds(graph);
  const sum = emitSum(graph, feeds, integers, operands);
  const read = emitConversion(graph, feeds, sum, integers.output.conversion, ({ output }) => output.conversion);
  const wanted = integers.output.format.kind === 'integer' ? cast(graph, read, 'int32') : read;
  using session = createSession(graph);
  return Array.from(session.run(feeds.of(integers), [wanted])[0]?.values ?? []);
}

/** Bytes, and what leaves the type with them more often than not, or at its ends. */
function drawOperands(type: IntegerType, random: RandomSource): Operands {
  const { highest } = typeRange(type);
  const signed = (most: number) => (random.integer(2) - 0.5) * 2 * random.integer(most);
  const atEnd = () => Math.sign(random.uniform() - 0.5) * (highest - random.integer(200));
  return {
    narrow: Float32Array.from({ length: COUNT }, () => signed(128)),
    wide: Int32Array.from({ length: COUNT }, () =>
      random.integer(2) === 0 ? atEnd() : signed(Math.min(8 * highest, 2 ** 31)),
    ),
  };
}

describe('the codes that readers of a sum get', () => {
  const scales = [2 ** -4, 1, 2 ** 3, 2 ** 11];
  const pairs = INTEGERS.flatMap((inType) =>
    [...INTEGERS, 'float32' as const].map((outType) => [inType, outType] as const),
  );

  it.each(pairs)('are those of the definition: %s to %s', (inType, outType) => {
    const operands = drawOperands(inType, createRandomSource(7));
    const sums = Array.from(operands.wide, (wide, at) => wide + (operands.narrow[at] as number));
    for (const outScale of scales) {
      const one: Case = { inType, outType, inScale: 0.25, outScale, bits: bitsOf(outType) };
      expect(convert(graphOf(one), operands)).toEqual(sums.map((sum) => define(0.25 * sum, one)));
    }
  });
});

describe('the codes that readers of a float tensor get', () => {
  it.each(INTEGERS)('are those of the definition: %s', (outType) => {
    const random = createRandomSource(7);
    const narrow = Float32Array.from({ length: COUNT }, () => 100 * random.normal());
    for (const outScale of [2 ** -9, 0.5, 1]) {
      // float32 has no highest code of more bits.
      const one: Case = { inType: 'float32', outType, inScale: 1, outScale, bits: Math.min(bitsOf(outType), 25) };
      const operands = { narrow, wide: new Int32Array(COUNT) };
      expect(convert(graphOf(one), operands)).toEqual(Array.from(narrow, (value) => define(value, one)));
    }
  });
});
