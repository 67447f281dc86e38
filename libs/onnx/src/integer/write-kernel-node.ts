import { type IntegerFormat, type IntegerNode, type IntegerParameters, zeroPointOf } from '@bitwright/hago';
import { shapeOf } from '../export/float-layers.js';
import { windowAttributes } from '../export/write-operation.js';
import { chooseReading } from '../images/choose-reading.js';
import type { ImageReading } from '../images/image-reading.js';
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
  if (requantization === undefined) {
    writeSum(context, lowered, id);
    return;
  }
  const reading = readingOf(context, lowered);
  writeSum(context, lowered, `${id}.sum`, reading);
  const codes = writeCodes(context, id, `${id}.sum`, output, requantization.range, reading?.restore);
  noteCodes(context, lowered, codes, DATA_TYPE.uint8);
}

/** How the layer reads images, if it reads any. */
function readingOf({ network }: IntegerWriter, { node, inputs: [input] }: IntegerNode): ImageReading | undefined {
  return input && chooseReading(node, shapeOf(network, input.source));
}

const isSum = ({ node: { operation } }: IntegerNode) =>
  ['convolution', 'fully-connected', 'add', 'global-average-pool'].includes(operation.kind);

function writeSum(context: IntegerWriter, lowered: IntegerNode, name: string, reading?: ImageReading): void {
  const { writer } = context;
  const { operation } = lowered.node;
  switch (operation.kind) {
    case 'convolution': {
      const window = windowAttributes(reading?.convolution ?? operation);
      const inputs = reading ? [writeImages(context, lowered, reading)] : readInputs(context, lowered);
      const parameters = writeParameters(context, lowered, reading);
      writer.node('Conv', name, [...inputs, ...parameters], { ...window, dilations: [1, 1], group: operation.groups });
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

function writeImages(context: IntegerWriter, lowered: IntegerNode, reading: ImageReading): string {
  const { writer } = context;
  const { codes, grid } = codedInput(context, lowered);
  const images = reading.arrange(writer, `${lowered.id}.images.codes`, codes, grid[1]);
  return writer.node('DequantizeLinear', `${lowered.id}.images`, [images, ...grid]);
}

/** As a convolution of images takes them. */
function arrangeParameters(parameters: IntegerParameters, reading: ImageReading): IntegerParameters {
  const { shape, values: codes } = reading.weight({ shape: parameters.shape, values: parameters.codes });
  const scales = parameters.scales.length === 1 ? parameters.scales : reading.outputs(parameters.scales);
  return { ...parameters, shape, codes, scales, bias: parameters.bias && reading.outputs(parameters.bias) };
}

/** Weight and bias; a bias is there always, because without one ONNX Runtime has no integer kernel for Gemm. */
function writeParameters(context: IntegerWriter, lowered: IntegerNode, reading?: ImageReading): readonly string[] {
  const { writer } = context;
  const { id } = lowered.node;
  const own = lowered.kernel?.parameters;
  if (own === undefined) throw new Error(`${id} has no parameters`);
  const parameters = reading ? arrangeParameters(own, reading) : own;
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
