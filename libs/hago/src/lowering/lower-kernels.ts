import { type NetworkNode, roundHalfToEven } from '@bitwright/core';
import { type CodeRange, codesOfBits, type IntegerType, typeRange } from '../element-type.js';
import { isSum, mergedRectifier } from '../graph/merged-rectifier.js';
import { keepsIncomingScale } from '../graph/scale-keeping.js';
import { quantizedTensor } from '../graph/search-space.js';
import { REQUANTIZED_BITS } from '../graph/select-descriptors.js';
import type { IntegerFormat, IntegerInput, IntegerKernel, IntegerNode, TensorFormat } from '../integer-graph.js';
import { lowerFloat } from './lower-edges.js';
import { type LoweringContext, lowerLayer, rectifierLimits } from './lowering-context.js';
import { averagedPixels, scaleOf } from './scales.js';

/** What the readers of a tensor agree on: undefined where nobody reads it in integers. */
type TensorQuantizer = { readonly format: IntegerFormat; readonly range: CodeRange };

/**
 * Integers that are requantized by the kernel that gives them, together with a rectifier that alone reads it: the form that
 * ONNX Runtime has fast kernels for. Every tensor has one scale.
 */
export function lowerKernels(context: LoweringContext): readonly IntegerNode[] {
  const { network } = context.model;
  const quantizers = tensorQuantizers(context);
  const formats = new Map<string, TensorFormat>();
  const merged = new Set<string>();
  const lowered: IntegerNode[] = [];
  for (const node of network.nodes) {
    if (merged.has(node.id)) continue;
    const rectifier = mergeableRectifier(context, node, quantizers);
    if (rectifier !== undefined) merged.add(rectifier.id);
    const one = lowerNode({ ...context, formats, quantizers }, node, rectifier);
    formats.set(one.id, one.output);
    lowered.push(one);
  }
  return lowered;
}

type KernelContext = LoweringContext & {
  readonly formats: ReadonlyMap<string, TensorFormat>;
  readonly quantizers: ReadonlyMap<string, TensorQuantizer>;
};

/**
 * The quantizer of every tensor that something reads in integers: of the one that is read, and of the one that its codes come
 * from. What only passes codes on, say a rectifier in front of a float pool, needs codes as well: all that a kernel gives.
 */
function tensorQuantizers(context: LoweringContext): ReadonlyMap<string, TensorQuantizer> {
  const { topology } = context;
  const quantizers = new Map<string, TensorQuantizer>();
  const quantize = (tensor: string, bits: number) => quantizers.set(tensor, tensorQuantizer(context, tensor, bits));
  for (const edge of topology.edges) {
    const bits = edge.isWeight ? undefined : context.bitsOf(edge);
    if (bits === undefined) continue;
    quantize(edge.source, bits);
    quantize(quantizedTensor(topology, edge.source), bits);
  }
  for (const id of topology.quantized) {
    if (!keepsIncomingScale(topology.operators.get(id))) continue;
    const origin = quantizedTensor(topology, id);
    if (!quantizers.has(origin)) quantize(origin, REQUANTIZED_BITS);
  }
  return quantizers;
}

/** At 8 bits all codes of the type are used, -128 included, which needs no clipping of its own. */
function tensorQuantizer({ thresholdOf, isUnsigned }: LoweringContext, tensor: string, bits: number): TensorQuantizer {
  const unsigned = isUnsigned(tensor);
  const scales = Float64Array.of(scaleOf(thresholdOf(tensor), bits, unsigned));
  const range = bits === 8 && !unsigned ? typeRange('int8') : codesOfBits(bits, unsigned);
  return { format: { kind: 'integer', type: 'int8', unsigned, scales }, range };
}

/** The rectifier that becomes part of a node's kernel. One without an integer kernel does where integers are read from it. */
function mergeableRectifier(
  { topology }: LoweringContext,
  node: NetworkNode,
  quantizers: ReadonlyMap<string, TensorQuantizer>,
): NetworkNode | undefined {
  const rectifier = mergedRectifier(topology, node);
  return rectifier !== undefined && quantizers.has(rectifier.id) ? rectifier : undefined;
}

function lowerNode(context: KernelContext, node: NetworkNode, rectifier: NetworkNode | undefined): IntegerNode {
  const descriptor = context.descriptors.get(node.id);
  const quantizer = context.quantizers.get(rectifier?.id ?? node.id);
  const needsQuantizer = node.operation.kind === 'add';
  if (descriptor === undefined || (needsQuantizer && quantizer === undefined)) return lowerFloat(node, context.formats);
  const read = node.inputs.map((source) => readTensor(context, source));
  const inputs = read.map(({ input }) => input);
  const formats = read.map(({ format }) => format);
  const type = descriptor.output as IntegerType;
  const id = rectifier?.id ?? node.id;
  if (!isSum(node)) return { id, node, inputs, ...lowerKept(node, formats[0] as IntegerFormat) };
  const { kernel, scales } = lowerSum(context, node, type, formats[0] as IntegerFormat);
  if (quantizer === undefined) {
    return { id, node, inputs, kernel, output: { kind: 'integer', type, unsigned: false, scales } };
  }
  const scale = quantizer.format.scales[0] as number;
  const range = rectifier === undefined ? quantizer.range : rectifiedRange(quantizer, rectifier);
  const multipliers = requantizingMultipliers(kernel, formats, scale, averagedPixels(context.model.network, node));
  return { id, node, inputs, kernel: { ...kernel, requantization: { multipliers, range } }, output: quantizer.format };
}

function readTensor(
  { formats, quantizers }: KernelContext,
  source: string,
): { input: IntegerInput; format: IntegerFormat } {
  const from = formats.get(source) as TensorFormat;
  if (from.kind === 'integer') return { input: { source, conversion: { kind: 'none' }, format: from }, format: from };
  const quantizer = quantizers.get(source);
  if (quantizer === undefined) throw new Error(`${source} is float and nothing says how to quantize it`);
  const { format, range } = quantizer;
  return { input: { source, conversion: { kind: 'quantize', to: format, range }, format }, format };
}

/** What passes codes on as they are. */
function lowerKept(node: NetworkNode, format: IntegerFormat): { kernel: IntegerKernel; output: TensorFormat } {
  const { operation } = node;
  const isRectifier = operation.kind === 'relu' || operation.kind === 'relu6';
  const limits = isRectifier ? rectifierLimits(operation, format) : undefined;
  return { kernel: { type: format.type, limits }, output: format };
}

function lowerSum(
  context: KernelContext,
  node: NetworkNode,
  type: IntegerType,
  input: IntegerFormat,
): { kernel: IntegerKernel; scales: Float64Array } {
  switch (node.operation.kind) {
    case 'convolution':
    case 'fully-connected': {
      const { parameters, scales } = lowerLayer(context, node, input);
      return { kernel: { type, parameters }, scales };
    }
    case 'global-average-pool': {
      const pixels = averagedPixels(context.model.network, node);
      return { kernel: { type }, scales: input.scales.map((scale) => scale / pixels) };
    }
    default:
      return { kernel: { type }, scales: input.scales };
  }
}

const { fround } = Math;

/** As ONNX Runtime's kernels compute them, in float32 and in their order; `pixels` are averaged by a pool. */
function requantizingMultipliers(
  { parameters }: IntegerKernel,
  inputs: readonly IntegerFormat[],
  scale: number,
  pixels: number,
): Float32Array {
  const scales = inputs.map((input) => input.scales[0] as number);
  const first = scales[0] as number;
  if (parameters !== undefined) return parameters.scales.map((weight) => fround(first * weight) / scale);
  if (scales.length > 1) return Float32Array.from(scales, (operand) => operand / scale);
  return Float32Array.of(first / fround(scale * pixels));
}

/** The rectifier's limits in codes, within what the bits have. */
function rectifiedRange({ format, range }: TensorQuantizer, { operation }: NetworkNode): CodeRange {
  const scale = format.scales[0] as number;
  const highest = operation.kind === 'relu6' ? roundHalfToEven(6 / scale) : Number.POSITIVE_INFINITY;
  return { lowest: Math.max(0, range.lowest), highest: Math.min(highest, range.highest) };
}
