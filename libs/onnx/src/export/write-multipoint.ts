import type { NetworkNode, ParameterTensor } from '@bitwright/core';
import { flattenedShape, reorderColumns } from '../feature-order.js';
import { DATA_TYPE } from '../wire/data-type.js';
import { toFloatTensor, toTensor } from '../wire/tensors.js';
import type { ActivationQuantization, WeightPoints } from './layer-quantization.js';
import { packInt4 } from './weight-codes.js';
import { hasBias, type OperationContext, windowAttributes, writeBroadcastBias } from './write-operation.js';
import { writeInputCodes, writeQuantizedInput } from './write-quantized.js';

/** How codes are stored and multiplied; see `ExportQdqOptions`. */
export type WeightForm = { readonly int4: boolean; readonly integerProducts: boolean };

/**
 * Writes a layer whose channels are sums of points: the same layer with an output channel for each point, whose weights
 * are codes alone, then a fixed combination: gather each channel's points, scale, add. Points lie by their position in their
 * channel: all first points, then all second ones, and so on. With `integerProducts`, codes are multiplied with codes where a byte
 * holds those of the input.
 */
export function writeMultipointLayer(
  context: OperationContext,
  node: NetworkNode,
  points: WeightPoints,
  { int4, integerProducts }: WeightForm,
  activation: ActivationQuantization = { kind: 'float' },
): void {
  const { writer } = context;
  const [input = ''] = node.inputs;
  const order = orderPoints(points);
  const codes = integerProducts ? writeInputCodes(writer, `${node.id}.input`, input, activation) : undefined;
  const read = codes?.codes ?? writeQuantizedInput(writer, `${node.id}.input`, input, activation);
  const widened = writeWidenedLayer(context, node, read, { points, order, int4, zero: codes?.zero });
  const terms = order.byPosition.map(({ indices, coefficients }, position) => {
    const name = `${node.id}.point${position}`;
    // Where every channel has one point, the widened layer has them in order.
    const gathered = order.source.length === indices.length ? widened : writeGather(context, name, widened, indices);
    const values = coefficients.map((coefficient) => coefficient * (codes?.scale ?? 1));
    const shape = spread(node, coefficients.length);
    const scale = writer.tensor(toFloatTensor(`${name}.coefficients`, { shape, values }));
    return (output: string) => writer.node('Mul', output, [gathered, scale]);
  });
  writeSum(context, node, terms);
}

type PointOrder = {
  /** Which point is where in the widened layer, and whose channel it is. */
  readonly source: readonly { readonly point: number; readonly channel: number }[];
  /** Of each position in the channels: where each channel's point is and its coefficient, 0 where there is none. */
  readonly byPosition: readonly { readonly indices: Int32Array; readonly coefficients: Float32Array }[];
};

function orderPoints({ counts, coefficients }: WeightPoints): PointOrder {
  const starts = Uint32Array.from(counts);
  for (let channel = counts.length - 1, end = coefficients.length; channel >= 0; channel -= 1)
    starts[channel] = end -= counts[channel] as number;
  const source: { point: number; channel: number }[] = [];
  const byPosition = Array.from({ length: Math.max(...counts) }, (_, position) => {
    const indices = new Int32Array(counts.length);
    const scales = new Float32Array(counts.length);
    counts.forEach((count, channel) => {
      if (position >= count) return;
      const point = (starts[channel] as number) + position;
      indices[channel] = source.length;
      scales[channel] = coefficients[point] as number;
      source.push({ point, channel });
    });
    return { indices, coefficients: scales };
  });
  return { source, byPosition };
}

type Widened = {
  readonly points: WeightPoints;
  readonly order: PointOrder;
  readonly int4: boolean;
  /** Zero point of the codes that the layer reads; without, it reads float. */
  readonly zero: string | undefined;
};

/** The products of what the layer reads with the codes of every point, in float. */
function writeWidenedLayer(context: OperationContext, node: NetworkNode, input: string, widened: Widened): string {
  const { writer } = context;
  const { id, operation } = node;
  const { zero } = widened;
  const [output, sums] = [`${id}/points`, `${id}/sums`];
  const toFloat = (integers: string) => writer.node('Cast', output, [integers], { to: DATA_TYPE.float });
  if (operation.kind === 'convolution') {
    const { length } = widened.order.source;
    const isWider = length > operation.outChannels && operation.groups > 1;
    const read = isWider ? writeGroupInputs(context, node, input, widened.order.source) : input;
    const window = { ...windowAttributes(operation), dilations: [1, 1], group: isWider ? length : operation.groups };
    const inputs = [read, writeCodes(context, node, widened)];
    if (zero === undefined) return writer.node('Conv', output, inputs, window);
    return toFloat(writer.node('ConvInteger', sums, [...inputs, zero], window));
  }
  const features = writer.node('Flatten', `${id}/features`, [input], { axis: 1 });
  const weight = writeCodes(context, node, widened);
  if (zero === undefined) return writer.node('Gemm', output, [features, weight], { transB: 1 });
  const transposed = writer.node('Transpose', `${id}.transposed`, [weight], { perm: [1, 0] });
  return toFloat(writer.node('MatMulInteger', sums, [features, transposed, zero]));
}

/** Groups must be of one size, so each point of a grouped layer becomes a group with its own copy of what it reads. */
function writeGroupInputs(
  context: OperationContext,
  node: NetworkNode,
  input: string,
  source: PointOrder['source'],
): string {
  if (node.operation.kind !== 'convolution') return input;
  const { groups, outChannels } = node.operation;
  const [, perGroup = 1] = context.parameters.get(`${node.id}.weight`)?.shape ?? [];
  const indices = source.flatMap(({ channel }) => {
    const first = Math.floor((channel * groups) / outChannels) * perGroup;
    return Array.from({ length: perGroup }, (_, index) => first + index);
  });
  return writeGather(context, `${node.id}.inputs`, input, Int32Array.from(indices));
}

/** The codes of all points: bytes where the products are of integers, else float. */
function writeCodes({ writer, network, parameters }: OperationContext, node: NetworkNode, widened: Widened): string {
  const { points, order, zero: inputZero } = widened;
  const name = `${node.id}.weight`;
  const [, ...inner] = parameters.get(name)?.shape ?? [];
  const size = inner.reduce((product, length) => product * length, 1);
  const values = Float32Array.from(
    order.source.flatMap(({ point }) => Array.from(points.codes.subarray(point * size, (point + 1) * size))),
  );
  const ordered = toOnnxOrder({ shape: [order.source.length, ...inner], values }, network, node);
  const int4 = widened.int4 && points.bits <= 4;
  const type = int4 ? DATA_TYPE.int4 : DATA_TYPE.int8;
  const bytes = (codes: Int8Array) => (int4 ? packInt4(codes) : new Uint8Array(codes.buffer));
  const stored = writer.tensor(toTensor(`${name}.codes`, ordered.shape, type, bytes(Int8Array.from(ordered.values))));
  if (inputZero !== undefined) return int4 ? writer.node('Cast', name, [stored], { to: DATA_TYPE.int8 }) : stored;
  const zero = writer.tensor(toTensor(`${name}.zero`, [], type, bytes(new Int8Array(1))));
  return writer.node('DequantizeLinear', name, [stored, writer.scalar(`${name}.scale`, 1), zero]);
}

function toOnnxOrder(weight: ParameterTensor, network: OperationContext['network'], node: NetworkNode) {
  const shape = node.operation.kind === 'fully-connected' ? flattenedShape(network, node) : undefined;
  return shape === undefined ? weight : reorderColumns(weight, shape, 'onnx');
}

/** Takes channels (the second axis) by their indices. */
function writeGather({ writer }: OperationContext, name: string, from: string, indices: Int32Array): string {
  const bytes = new Uint8Array(indices.buffer);
  const stored = writer.tensor(toTensor(`${name}.indices`, [indices.length], DATA_TYPE.int32, bytes));
  return writer.node('Gather', `${name}.gathered`, [from, stored], { axis: 1 });
}

/** Adds the terms and the bias; the last addition has the node's name. */
function writeSum(context: OperationContext, node: NetworkNode, terms: readonly ((output: string) => string)[]): void {
  const { writer } = context;
  const steps = hasBias(node)
    ? [...terms.map((write, index) => () => write(`${node.id}/term${index}`)), () => writeBroadcastBias(context, node)]
    : terms.map((write, index) => () => write(terms.length === 1 ? node.id : `${node.id}/term${index}`));
  const [first, ...others] = steps.map((write) => write());
  others.reduce(
    (sum, term, index) =>
      writer.node('Add', index === others.length - 1 ? node.id : `${node.id}/sum${index}`, [sum, term]),
    first as string,
  );
}

/** A vector's shape that a multiplication spreads over batch, height and width. */
const spread = ({ operation }: NetworkNode, channels: number) =>
  operation.kind === 'convolution' ? [1, channels, 1, 1] : [channels];
