import type { CodeRange, Conversion, IntegerInput, IntegerKernel, IntegerNode } from '@bitwright/hago';
import { windowAttributes } from '../export/write-operation.js';
import { DATA_TYPE } from '../wire/data-type.js';
import type { GraphWriter } from '../wire/graph-writer.js';
import { toInt64Tensor, toZeroPoint } from '../wire/tensors.js';
import {
  channelShape,
  type IntegerWriter,
  noteCodes,
  writeFloat32,
  writeFloat64,
  writeFloatNode,
  writeInt32,
  writeWeightCodes,
} from './integer-writer.js';

/**
 * Nodes that compute on codes as they are, every step written out: what an accelerator computes, to be checked anywhere and
 * not to be fast. Codes are int32 between nodes, int8 where layers read them; sums of 16 bits wrap around by a cast.
 */
export function writeEdgeNode(context: IntegerWriter, lowered: IntegerNode): void {
  const { id, kernel, output } = lowered;
  const inputs = lowered.inputs.map((input, operand) => convertInput(context, input, `${id}.input${operand}`));
  if (kernel === undefined || output.kind === 'float') {
    writeFloatNode(context, lowered, inputs);
    return;
  }
  writeIntegerNode(context, lowered, kernel, inputs);
  noteCodes(context, lowered, id, DATA_TYPE.int32);
}

/** Writes the conversion of what a node reads and gives the value to read; `name` prefixes its nodes. */
export function convertInput({ writer }: IntegerWriter, { source, conversion }: IntegerInput, name: string): string {
  switch (conversion.kind) {
    case 'none':
      return source;
    case 'quantize': {
      const scale = writeFloat32(writer, `${name}.scale`, Float32Array.from(conversion.to.scales), []);
      const steps = writer.node('Div', `${name}.steps`, [source, scale]);
      return writeRounded(writer, name, steps, conversion.range, 'float');
    }
    case 'requantize': {
      const { multipliers, range } = conversion;
      const wide = writer.node('Cast', `${name}.wide`, [source], { to: DATA_TYPE.double });
      const shape = channelShape(multipliers.length);
      const multiplier = writeFloat64(writer, `${name}.multiplier`, Float64Array.from(multipliers), shape);
      const steps = writer.node('Mul', `${name}.steps`, [wide, multiplier]);
      return writeRounded(writer, name, steps, range, 'double');
    }
    case 'dequantize':
      return writeDequantized(writer, name, source, conversion);
  }
}

function writeDequantized(
  writer: GraphWriter,
  name: string,
  source: string,
  { from }: Extract<Conversion, { kind: 'dequantize' }>,
): string {
  const scales = writeFloat32(
    writer,
    `${name}.scale`,
    Float32Array.from(from.scales),
    channelShape(from.scales.length),
  );
  const float = writer.node('Cast', `${name}.float`, [source], { to: DATA_TYPE.float });
  return writer.node('Mul', name, [float, scales]);
}

function writeRounded(
  writer: GraphWriter,
  name: string,
  steps: string,
  { lowest, highest }: CodeRange,
  type: 'float' | 'double',
): string {
  const rounded = writer.node('Round', `${name}.rounded`, [steps]);
  const bound = (role: string, code: number) =>
    type === 'float'
      ? writeFloat32(writer, `${name}.${role}`, Float32Array.of(code), [])
      : writeFloat64(writer, `${name}.${role}`, Float64Array.of(code), []);
  const bounds = [bound('lowest', lowest), bound('highest', highest)];
  const clipped = writer.node('Clip', `${name}.clipped`, [rounded, ...bounds]);
  return writer.node('Cast', name, [clipped], { to: DATA_TYPE.int32 });
}

function writeIntegerNode(
  context: IntegerWriter,
  lowered: IntegerNode,
  kernel: IntegerKernel,
  inputs: readonly string[],
): void {
  const { writer } = context;
  const { id, node } = lowered;
  const { operation } = node;
  switch (operation.kind) {
    case 'convolution':
    case 'fully-connected':
      writeWrapped(writer, kernel, id, writeLayer(context, lowered, inputs[0] as string));
      return;
    case 'add':
      writeWrapped(writer, kernel, id, writer.node('Add', `${id}.sum`, inputs));
      return;
    case 'relu':
    case 'relu6':
      writeRectifier(writer, kernel, id, inputs[0] as string);
      return;
    case 'global-average-pool':
      writeWrapped(writer, kernel, id, writeSumOverPixels(writer, id, inputs[0] as string));
      return;
    case 'max-pool': {
      const wide = writer.node('Cast', `${id}.wide`, inputs, { to: DATA_TYPE.double });
      const pooled = writer.node('MaxPool', `${id}.pooled`, [wide], windowAttributes(operation));
      writer.node('Cast', id, [pooled], { to: DATA_TYPE.int32 });
      return;
    }
    default:
      writer.node('Flatten', id, inputs, { axis: 1 });
  }
}

/** In 64 bits, because ONNX Runtime's sums over pixels of 32 bits saturate and do not wrap around. */
function writeSumOverPixels(writer: GraphWriter, id: string, input: string): string {
  const wide = writer.node('Cast', `${id}.wide`, [input], { to: DATA_TYPE.int64 });
  const sum = writer.node('ReduceSum', `${id}.wide.sum`, [wide, spatialAxes(writer)]);
  return writer.node('Cast', `${id}.sum`, [sum], { to: DATA_TYPE.int32 });
}

const spatialAxes = (writer: GraphWriter) => writer.tensor(toInt64Tensor('spatial.axes', [2, 3]));

/** Sums of products of bytes, with the bias; ONNX Runtime's kernels take unsigned bytes, so codes are moved up by 128. */
function writeLayer(context: IntegerWriter, { id, node, kernel }: IntegerNode, input: string): string {
  const { writer } = context;
  const { operation } = node;
  const parameters = kernel?.parameters;
  if (parameters === undefined) throw new Error(`${id} has no parameters`);
  const zero = writer.tensor(toZeroPoint(128));
  const moved = writer.node('Add', `${id}.moved`, [input, writeInt32(writer, 'int32.128', Int32Array.of(128), [])]);
  const bytes = writer.node('Cast', `${id}.bytes`, [moved], { to: DATA_TYPE.uint8 });
  const codes = writeWeightCodes(context, node, parameters);
  const products =
    operation.kind === 'convolution'
      ? writer.node('ConvInteger', `${id}.products`, [bytes, codes, zero], {
          ...windowAttributes(operation),
          ...{ dilations: [1, 1], group: operation.groups },
        })
      : writeMatrixProduct(writer, id, bytes, codes, zero);
  if (parameters.bias === undefined) return products;
  const shape = operation.kind === 'convolution' ? [1, parameters.bias.length, 1, 1] : [1, parameters.bias.length];
  return writer.node('Add', `${id}.sum`, [products, writeInt32(writer, `${id}.bias.codes`, parameters.bias, shape)]);
}

function writeMatrixProduct(writer: GraphWriter, id: string, bytes: string, codes: string, zero: string): string {
  const features = writer.node('Flatten', `${id}.features`, [bytes], { axis: 1 });
  const transposed = writer.node('Transpose', `${id}.transposed`, [codes], { perm: [1, 0] });
  return writer.node('MatMulInteger', `${id}.products`, [features, transposed, zero]);
}

/** Integers of 32 bits wrap around by themselves; narrower ones are cast there and back. */
function writeWrapped(writer: GraphWriter, { type }: IntegerKernel, id: string, sum: string): void {
  if (type === 'int32') {
    writer.node('Identity', id, [sum]);
    return;
  }
  const narrow = writer.node('Cast', `${id}.narrow`, [sum], { to: DATA_TYPE[type] });
  writer.node('Cast', id, [narrow], { to: DATA_TYPE.int32 });
}

const HIGHEST_INT32 = 2 ** 31 - 1;

function writeRectifier(writer: GraphWriter, { limits }: IntegerKernel, id: string, input: string): void {
  const { lowest, highest } = limits ?? { lowest: [0], highest: [HIGHEST_INT32] };
  const store = (role: string, codes: ArrayLike<number>) =>
    writeInt32(
      writer,
      `${id}.${role}`,
      Int32Array.from(codes, (code) => Math.min(code, HIGHEST_INT32)),
      channelShape(codes.length),
    );
  const above = writer.node('Max', `${id}.above`, [input, store('lowest', lowest)]);
  writer.node('Min', id, [above, store('highest', highest)]);
}
