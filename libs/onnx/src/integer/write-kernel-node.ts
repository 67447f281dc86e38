import { type CodeRange, type IntegerFormat, type IntegerInput, type IntegerNode, zeroPointOf } from '@bitwright/hago';
import { windowAttributes } from '../export/write-operation.js';
import { DATA_TYPE } from '../wire/data-type.js';
import { toTensor } from '../wire/tensors.js';
import {
  fillsByte,
  type IntegerWriter,
  noteCodes,
  writeFloat32,
  writeFloatNode,
  writeInt32,
  writeWeightCodes,
} from './integer-writer.js';

/**
 * Nodes between QuantizeLinear and DequantizeLinear, which ONNX Runtime turns into its integer kernels. Codes are unsigned
 * bytes, signed tensors around 128; rectifiers are left to the range of the codes. Values named after tensors are float.
 */
export function writeKernelNode(context: IntegerWriter, lowered: IntegerNode): void {
  const { id, kernel, output } = lowered;
  const inputs = lowered.inputs.map((input) => readInput(context, input));
  if (kernel === undefined || output.kind === 'float') {
    writeFloatNode(context, lowered, inputs);
    return;
  }
  if (!isSum(lowered)) {
    writeKept(context, lowered, output);
    return;
  }
  const { requantization } = kernel;
  const sum = requantization === undefined ? id : `${id}.sum`;
  writeSum(context, lowered, sum, inputs);
  if (requantization !== undefined) {
    const codes = writeCodes(context, id, sum, output, requantization.range);
    noteCodes(context, lowered, codes, DATA_TYPE.uint8);
  }
}

const isSum = ({ node: { operation } }: IntegerNode) =>
  ['convolution', 'fully-connected', 'add', 'global-average-pool'].includes(operation.kind);

function readInput(context: IntegerWriter, { source, conversion }: IntegerInput): string {
  if (conversion.kind !== 'quantize') return source;
  const name = `${source}.quantized`;
  if (!context.grids.has(name)) writeCodes(context, name, source, conversion.to, conversion.range);
  return name;
}

/** Quantizes `value` and gives its codes; the float value that they stand for is named `name`. Once for each name. */
function writeCodes(
  context: IntegerWriter,
  name: string,
  value: string,
  format: IntegerFormat,
  range: CodeRange,
): string {
  const { writer } = context;
  const zeroPoint = zeroPointOf(format);
  const grid = writeGrid(context, name, format);
  const full = fillsByte(range, zeroPoint);
  const codes = writer.node('QuantizeLinear', full ? `${name}.codes` : `${name}.unclipped`, [value, ...grid]);
  const kept = full ? codes : writeClip(writer, `${name}.codes`, codes, range, zeroPoint);
  writer.node('DequantizeLinear', name, [kept, ...grid]);
  return kept;
}

/** Scale and zero point of a tensor's codes, kept for whoever reads the codes themselves. */
function writeGrid({ writer, grids }: IntegerWriter, name: string, format: IntegerFormat): readonly string[] {
  const zeroPoint = zeroPointOf(format);
  const scale = writeFloat32(writer, `${name}.scale`, Float32Array.from(format.scales), []);
  const zero = writer.tensor(toTensor(`zero.${zeroPoint}`, [], DATA_TYPE.uint8, Uint8Array.of(zeroPoint)));
  grids.set(name, [scale, zero]);
  return [scale, zero];
}

/** Clips codes, not values: that stays outside of the integer kernels and keeps none of them from being used. */
function writeClip(
  writer: IntegerWriter['writer'],
  name: string,
  codes: string,
  { lowest, highest }: CodeRange,
  zeroPoint: number,
): string {
  const byte = (code: number) => Math.min(Math.max(code + zeroPoint, 0), 255);
  const bound = (role: string, code: number) =>
    writer.tensor(toTensor(`${name}.${role}`, [], DATA_TYPE.uint8, Uint8Array.of(byte(code))));
  return writer.node('Clip', name, [codes, bound('lowest', lowest), bound('highest', highest)]);
}

function writeSum(context: IntegerWriter, lowered: IntegerNode, name: string, inputs: readonly string[]): void {
  const { writer } = context;
  const { operation } = lowered.node;
  switch (operation.kind) {
    case 'convolution': {
      const attributes = { ...windowAttributes(operation), dilations: [1, 1], group: operation.groups };
      writer.node('Conv', name, [inputs[0] as string, ...writeParameters(context, lowered)], attributes);
      return;
    }
    case 'fully-connected': {
      const features = writeFeatures(context, lowered);
      writer.node('Gemm', name, [features, ...writeParameters(context, lowered)], { transB: 1 });
      return;
    }
    case 'add':
      writer.node('Add', name, inputs);
      return;
    default:
      writer.node('GlobalAveragePool', name, inputs);
  }
}

/** Flattens codes and not values: between DequantizeLinear and Gemm nothing may stand. */
function writeFeatures(context: IntegerWriter, { id, inputs }: IntegerNode): string {
  const { writer } = context;
  const [input] = inputs;
  if (input === undefined) throw new Error(`${id} reads nothing`);
  const value = input.conversion.kind === 'quantize' ? `${input.source}.quantized` : input.source;
  const features = writer.node('Flatten', `${id}.features.codes`, [`${value}.codes`], { axis: 1 });
  return writer.node('DequantizeLinear', `${id}.features`, [features, ...(context.grids.get(value) ?? [])]);
}

/** Weight and bias; a bias is there always, because without one ONNX Runtime has no integer kernel for Gemm. */
function writeParameters(context: IntegerWriter, lowered: IntegerNode): readonly string[] {
  const { writer } = context;
  const { id } = lowered.node;
  const parameters = lowered.kernel?.parameters;
  if (parameters === undefined) throw new Error(`${id} has no parameters`);
  const channels = parameters.shape[0] as number;
  const shape = parameters.scales.length === 1 ? [] : [channels];
  const axis = shape.length === 0 ? {} : { axis: 0 };
  const scales = writeFloat32(writer, `${id}.weight.scale`, parameters.scales, shape);
  const codes = writeWeightCodes(context, lowered.node, parameters);
  // Without a zero point of its own ONNX Runtime has no integer kernel for Gemm.
  const zeros = writer.tensor(
    toTensor(`${id}.weight.zero`, shape, DATA_TYPE.int8, new Uint8Array(parameters.scales.length)),
  );
  const weight = writer.node('DequantizeLinear', `${id}.weight`, [codes, scales, zeros], axis);
  const steps = parameters.scales.map((scale) => scale * parameters.inputScale);
  const biasScales = writeFloat32(writer, `${id}.bias.scale`, steps, shape);
  const biasCodes = writeInt32(writer, `${id}.bias.codes`, parameters.bias ?? new Int32Array(channels), [channels]);
  return [weight, writer.node('DequantizeLinear', `${id}.bias`, [biasCodes, biasScales], axis)];
}

/** Pools, flattening and rectifiers work on the codes themselves. */
function writeKept(context: IntegerWriter, lowered: IntegerNode, format: IntegerFormat): void {
  const { writer } = context;
  const { id, node, inputs, kernel } = lowered;
  const source = inputs[0]?.source ?? '';
  const codes = inputs[0]?.conversion.kind === 'quantize' ? `${source}.quantized.codes` : `${source}.codes`;
  const zeroPoint = zeroPointOf(format);
  const name = `${id}.codes`;
  if (node.operation.kind === 'max-pool') writer.node('MaxPool', name, [codes], windowAttributes(node.operation));
  else if (node.operation.kind === 'flatten') writer.node('Flatten', name, [codes], { axis: 1 });
  else {
    const { lowest, highest } = kernel?.limits ?? { lowest: [0], highest: [255] };
    writeClip(writer, name, codes, { lowest: lowest[0] as number, highest: highest[0] as number }, zeroPoint);
  }
  noteCodes(context, lowered, name, DATA_TYPE.uint8);
  writer.node('DequantizeLinear', id, [name, ...writeGrid(context, id, format)]);
}
