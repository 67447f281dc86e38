import { type IntegerFormat, type IntegerNode, type IntegerParameters, zeroPointOf } from '@bitwright/hago';
import { hasFewChannels, padWeight, writePaddedImages } from '../export/few-channels.js';
import { windowAttributes } from '../export/write-operation.js';
import { DATA_TYPE } from '../wire/data-type.js';
import { toTensor } from '../wire/tensors.js';
import {
  type IntegerWriter,
  noteCodes,
  writeFloat32,
  writeFloatNode,
  writeInt32,
  writeWeightCodes,
} from './integer-writer.js';
import {
  codedInput,
  quantizeInput,
  readInFloat,
  readInputs,
  writeClip,
  writeCodes,
  writeGrid,
} from './kernel-codes.js';

/**
 * Nodes between QuantizeLinear and DequantizeLinear, which ONNX Runtime turns into its integer kernels. Codes are unsigned
 * bytes, signed tensors around 128; rectifiers are left to the range of the codes. Values named after tensors are float.
 */
export function writeKernelNode(context: IntegerWriter, lowered: IntegerNode): void {
  const { id, kernel, output } = lowered;
  for (const input of lowered.inputs) quantizeInput(context, input);
  if (kernel === undefined || output.kind === 'float') {
    const isConvolution = lowered.node.operation.kind === 'convolution';
    writeFloatNode(context, lowered, isConvolution ? readInFloat(context, lowered) : readInputs(context, lowered));
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

function writeSum(context: IntegerWriter, lowered: IntegerNode, name: string): void {
  const { writer } = context;
  const { operation } = lowered.node;
  switch (operation.kind) {
    case 'convolution': {
      const attributes = { ...windowAttributes(operation), dilations: [1, 1], group: operation.groups };
      const inputs = readsImages(lowered) ? [writeImages(context, lowered)] : readInputs(context, lowered);
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
function writeFeatures(context: IntegerWriter, lowered: IntegerNode): string {
  const { writer } = context;
  const { codes, grid } = codedInput(context, lowered);
  const features = writer.node('Flatten', `${lowered.id}.features.codes`, [codes], { axis: 1 });
  return writer.node('DequantizeLinear', `${lowered.id}.features`, [features, ...grid]);
}

function writeImages(context: IntegerWriter, lowered: IntegerNode): string {
  const { codes, grid } = codedInput(context, lowered);
  const channels = lowered.kernel?.parameters?.shape[1] as number;
  return writePaddedImages(context.writer, lowered.id, codes, grid, channels);
}

const readsImages = ({ node, kernel }: IntegerNode) =>
  kernel?.parameters !== undefined && hasFewChannels(node.operation, kernel.parameters.shape);

/** With zeros for the channels that images get in `writeImages`. */
function padCodes(parameters: IntegerParameters): IntegerParameters {
  const { shape, values: codes } = padWeight({ shape: parameters.shape, values: parameters.codes });
  return { ...parameters, shape, codes };
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
  const weights = readsImages(lowered) ? padCodes(parameters) : parameters;
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
  const { codes } = codedInput(context, lowered);
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
