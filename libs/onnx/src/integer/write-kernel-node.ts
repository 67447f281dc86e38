import { type CodeRange, type IntegerFormat, type IntegerInput, type IntegerNode, zeroPointOf } from '@bitwright/hago';
import { windowAttributes } from '../export/write-operation.js';
import { DATA_TYPE } from '../wire/data-type.js';
import { toTensor } from '../wire/tensors.js';
import { hasFewChannels, padWeight, writePaddedCodes } from './few-channels.js';
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
  for (const input of lowered.inputs) quantizeInput(context, input);
  if (kernel === undefined || output.kind === 'float') {
    writeFloatNode(context, lowered, readInputs(context, lowered));
    return;
  }
  if (!isSum(lowered)) {
    writeKept(context, lowered, output);
    return;
  }
  const { requantization } = kernel;
  const sum = requantization === undefined ? id : `${id}.sum`;
  writeSum(context, lowered, sum);
  if (requantization !== undefined) {
    const codes = writeCodes(context, id, sum, output, requantization.range);
    noteCodes(context, lowered, codes, DATA_TYPE.uint8);
  }
}

const isSum = ({ node: { operation } }: IntegerNode) =>
  ['convolution', 'fully-connected', 'add', 'global-average-pool'].includes(operation.kind);

function quantizeInput(context: IntegerWriter, input: IntegerInput): void {
  const { source, conversion } = input;
  const name = codedName(input);
  if (conversion.kind !== 'quantize' || context.grids.has(name)) return;
  writeCodes(context, name, source, conversion.to, conversion.range);
}

/** The value that a node reads, after which its codes are named where it has codes. */
const codedName = ({ source, conversion }: IntegerInput) =>
  conversion.kind === 'quantize' ? `${source}.quantized` : source;

/** The codes of the one tensor that a node reads, and the float value that they stand for. */
function codedInput({ id, inputs: [input] }: IntegerNode) {
  if (input === undefined) throw new Error(`${id} reads nothing`);
  const value = codedName(input);
  return { value, codes: `${value}.codes` };
}

const readInputs = (context: IntegerWriter, { inputs }: IntegerNode) =>
  inputs.map((input) => readValue(context, codedName(input)));

/**
 * The float value of this name, which codes stand for unless it is computed in float. Written when it is first read: what
 * nobody reads ONNX Runtime would compute all the same.
 */
export function readValue({ writer, grids, dequantized }: IntegerWriter, name: string): string {
  const grid = grids.get(name);
  if (grid === undefined || dequantized.has(name)) return name;
  dequantized.add(name);
  return writer.node('DequantizeLinear', name, [`${name}.codes`, ...grid]);
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
  return full ? codes : writeClip(writer, `${name}.codes`, codes, range, zeroPoint);
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

function writeSum(context: IntegerWriter, lowered: IntegerNode, name: string): void {
  const { writer } = context;
  const { operation } = lowered.node;
  switch (operation.kind) {
    case 'convolution': {
      const attributes = { ...windowAttributes(operation), dilations: [1, 1], group: operation.groups };
      const inputs = hasFewChannels(lowered) ? [writeImages(context, lowered)] : readInputs(context, lowered);
      writer.node('Conv', name, [...inputs, ...writeParameters(context, lowered)], attributes);
      return;
    }
    case 'fully-connected': {
      const features = writeFeatures(context, lowered);
      writer.node('Gemm', name, [features, ...writeParameters(context, lowered)], { transB: 1 });
      return;
    }
    case 'add':
      writer.node('Add', name, readInputs(context, lowered));
      return;
    default:
      writer.node('GlobalAveragePool', name, readInputs(context, lowered));
  }
}

/** Flattens codes and not values: between DequantizeLinear and Gemm nothing may stand. */
function writeFeatures({ writer, grids }: IntegerWriter, lowered: IntegerNode): string {
  const { value, codes } = codedInput(lowered);
  const features = writer.node('Flatten', `${lowered.id}.features.codes`, [codes], { axis: 1 });
  return writer.node('DequantizeLinear', `${lowered.id}.features`, [features, ...(grids.get(value) ?? [])]);
}

function writeImages(context: IntegerWriter, lowered: IntegerNode): string {
  const { value, codes } = codedInput(lowered);
  const padded = writePaddedCodes(context, lowered, codes);
  const grid = context.grids.get(value) ?? [];
  return context.writer.node('DequantizeLinear', `${lowered.id}.images`, [padded, ...grid]);
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
  const weights = hasFewChannels(lowered) ? padWeight(parameters) : parameters;
  const codes = writeWeightCodes(context, lowered.node, weights);
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
  const { id, node, kernel } = lowered;
  const { codes } = codedInput(lowered);
  const zeroPoint = zeroPointOf(format);
  const name = `${id}.codes`;
  if (node.operation.kind === 'max-pool') writer.node('MaxPool', name, [codes], windowAttributes(node.operation));
  else if (node.operation.kind === 'flatten') writer.node('Flatten', name, [codes], { axis: 1 });
  else {
    const { lowest, highest } = kernel?.limits ?? { lowest: [0], highest: [255] };
    writeClip(writer, name, codes, { lowest: lowest[0] as number, highest: highest[0] as number }, zeroPoint);
  }
  noteCodes(context, lowered, name, DATA_TYPE.uint8);
  writeGrid(context, id, format);
}
