import { BitwrightError, type NetworkNode } from '@bitwright/core';
import { bitsOf as bitsOfType, type CodeRange, codesOfBits, type IntegerType, withinFloat32 } from '../element-type.js';
import { keepsIncomingScale } from '../graph/scale-keeping.js';
import type { Edge, Topology } from '../graph/topology.js';
import { type OperatorDescriptor, operandType } from '../hardware/specification.js';
import type { Conversion, IntegerFormat, IntegerInput, IntegerNode, TensorFormat } from '../integer-graph.js';
import { type LoweringContext, lowerLayer, rectifierLimits } from './lowering-context.js';
import { rectifyScales } from './rectify.js';
import { averagedPixels, scaleOf } from './scales.js';

const FLOAT: TensorFormat = { kind: 'float' };

/** Integers that are requantized wherever they are read: HAGO's own form. */
export function lowerEdges(context: LoweringContext): readonly IntegerNode[] {
  const formats = new Map<string, TensorFormat>();
  return context.model.network.nodes.map((node) => {
    const descriptor = context.descriptors.get(node.id);
    const lowered =
      descriptor === undefined ? lowerFloat(node, formats) : lowerInteger(context, node, descriptor, formats);
    formats.set(node.id, lowered.output);
    return lowered;
  });
}

/** A node that computes in float: its inputs become float. */
export function lowerFloat(node: NetworkNode, formats: ReadonlyMap<string, TensorFormat>): IntegerNode {
  const inputs = node.inputs.map((source) => toFloat(source, formats.get(source) ?? FLOAT));
  return { id: node.id, node, inputs, kernel: undefined, output: FLOAT };
}

/** A tensor read as float. */
export function toFloat(source: string, from: TensorFormat): IntegerInput {
  const conversion: Conversion = from.kind === 'float' ? { kind: 'none' } : { kind: 'dequantize', from };
  return { source, conversion, format: FLOAT };
}

function lowerInteger(
  context: LoweringContext,
  node: NetworkNode,
  descriptor: OperatorDescriptor,
  formats: ReadonlyMap<string, TensorFormat>,
): IntegerNode {
  const read = readInputs(context, node, descriptor, formats);
  const inputs = read.map(({ input }) => input);
  const { format } = read[0] as ReadInput;
  const type = descriptor.output as IntegerType;
  const { id, operation } = node;
  const result = (scales: Float64Array, unsigned: boolean): IntegerFormat => ({
    kind: 'integer',
    type,
    unsigned,
    scales,
  });
  switch (operation.kind) {
    case 'convolution':
    case 'fully-connected': {
      const { parameters, scales } = lowerLayer(context, node, format);
      return { id, node, inputs, kernel: { type, parameters }, output: result(scales, false) };
    }
    case 'relu':
    case 'relu6': {
      const kernel = { type, limits: rectifierLimits(operation, format) };
      return { id, node, inputs, kernel, output: result(format.scales, format.unsigned) };
    }
    case 'global-average-pool': {
      const pixels = averagedPixels(context.model.network, node);
      const scales = format.scales.map((scale) => scale / pixels);
      return { id, node, inputs, kernel: { type }, output: result(scales, format.unsigned) };
    }
    default: {
      const unsigned = read.every(({ format: operand }) => operand.unsigned);
      return { id, node, inputs, kernel: { type }, output: result(format.scales, unsigned) };
    }
  }
}

type ReadInput = { readonly input: IntegerInput; readonly format: IntegerFormat };

function readInputs(
  context: LoweringContext,
  node: NetworkNode,
  descriptor: OperatorDescriptor,
  formats: ReadonlyMap<string, TensorFormat>,
): readonly ReadInput[] {
  const { topology, bitsOf, thresholdOf, isUnsigned } = context;
  const operator = topology.operators.get(node.id);
  const edges = topology.edges.filter(({ consumer, isWeight }) => consumer === node.id && !isWeight);
  const from = edges.map(({ source }) => formats.get(source) as TensorFormat);
  if (keepsIncomingScale(operator)) {
    return edges.map((edge, index) => keptInput(context, edge, descriptor, from[index] as TensorFormat));
  }
  const bits = edges.map((edge) => bitsOf(edge) as number);
  const own = edges.map(({ source }, index) => scaleOf(thresholdOf(source), bits[index] as number, isUnsigned(source)));
  const scales = rectifyScales(operator, own);
  return edges.map(({ source, operand }, index) => {
    const unsigned = isUnsigned(source);
    const type = operandType(descriptor, operand) as IntegerType;
    const to: IntegerFormat = { kind: 'integer', type, unsigned, scales: Float64Array.of(scales[index] as number) };
    const range = codesOfBits(bits[index] as number, unsigned);
    const conversion = convert(from[index] as TensorFormat, to, range);
    return { format: to, input: { source, conversion, format: to } };
  });
}

/** What is read at the scale it comes with: codes, of one scale where channels are no longer told apart behind it. */
function keptInput(
  context: LoweringContext,
  { source, consumer, operand }: Edge,
  descriptor: OperatorDescriptor,
  format: TensorFormat,
): ReadInput {
  const { operators } = context.topology;
  if (format.kind === 'float') throw floatWhereCodesAreKept(context.topology, source, consumer);
  if (operators.get(consumer) !== 'flatten' || format.scales.length === 1) {
    return { format, input: { source, conversion: { kind: 'none' }, format } };
  }
  const type = operandType(descriptor, operand) as IntegerType;
  const to = toOneScale(format, type, context.thresholdOf(source));
  return {
    format: to,
    input: { source, conversion: convert(format, to, codesOfBits(bitsOfType(type), false)), format: to },
  };
}

/** A tensor of one scale for each channel at a single one, which all that the type holds goes up to the threshold. */
function toOneScale({ unsigned }: IntegerFormat, type: IntegerType, threshold: number): IntegerFormat {
  return { kind: 'integer', type, unsigned, scales: Float64Array.of(scaleOf(threshold, bitsOfType(type), false)) };
}

function floatWhereCodesAreKept({ operators, specification }: Topology, source: string, consumer: string) {
  const operator = operators.get(consumer);
  const message = `${specification.name} has ${operator} in integers only, at the scale it reads, but "${consumer}" reads "${source}", which is float; give ${operator} a kernel float32 -> float32, or "${source}" one in integers`;
  return new BitwrightError('unsupported', 'FLOAT_CODES', message);
}

function convert(from: TensorFormat, to: IntegerFormat, range: CodeRange): Conversion {
  if (from.kind === 'float') return { kind: 'quantize', to, range: withinFloat32(range) };
  const scale = to.scales[0] as number;
  const multipliers = Float32Array.from(from.scales, (incoming) => incoming / scale);
  return { kind: 'requantize', multipliers, to, range };
}
