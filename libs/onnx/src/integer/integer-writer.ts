import type { Network, NetworkNode, Parameters } from '@bitwright/core';
import type { CodeRange, IntegerNode, IntegerParameters } from '@bitwright/hago';
import { writeOperation } from '../export/write-operation.js';
import { flattenedShape, reorderColumns } from '../feature-order.js';
import { DATA_TYPE } from '../wire/data-type.js';
import type { ExtraOutput, GraphWriter } from '../wire/graph-writer.js';
import { toFloatTensor, toTensor } from '../wire/tensors.js';

/** Names of the scale and of the zero point of codes. */
export type CodeGrid = readonly [scale: string, zeroPoint: string];

/** What writing an integer graph needs at every node. */
export type IntegerWriter = {
  readonly writer: GraphWriter;
  readonly network: Network;
  /** Of what is computed in float. */
  readonly parameters: Parameters;
  /** The codes of integer tensors, as they are written: collected for whoever wants to look at all of them. */
  readonly codes: ExtraOutput[];
  /** Names of scale and zero point by the float value that codes stand for. */
  readonly grids: Map<string, CodeGrid>;
  /** Names of the float values that were read and are written. */
  readonly dequantized: Set<string>;
};

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);

/** Stores whole numbers of 32 bits. */
export function writeInt32(writer: GraphWriter, name: string, values: Int32Array, shape: readonly number[]): string {
  return writer.tensor(toTensor(name, shape, DATA_TYPE.int32, bytesOf(values)));
}

/** Stores float64 numbers. */
export function writeFloat64(
  writer: GraphWriter,
  name: string,
  values: Float64Array,
  shape: readonly number[],
): string {
  return writer.tensor(toTensor(name, shape, DATA_TYPE.double, bytesOf(values)));
}

/** Stores float32 numbers. */
export function writeFloat32(
  writer: GraphWriter,
  name: string,
  values: Float32Array,
  shape: readonly number[],
): string {
  return writer.tensor(toFloatTensor(name, { shape, values }));
}

/** The shape in which one value for each channel spreads over batch, height and width; a scalar for one value. */
export const channelShape = (count: number): readonly number[] => (count === 1 ? [] : [1, count, 1, 1]);

/** Stores a layer's weight codes, in ONNX's order of features. */
export function writeWeightCodes({ writer, network }: IntegerWriter, node: NetworkNode, parameters: IntegerParameters) {
  const { shape } = parameters;
  const flattened = node.operation.kind === 'fully-connected' ? flattenedShape(network, node) : undefined;
  const codes =
    flattened === undefined
      ? parameters.codes
      : Int8Array.from(
          reorderColumns({ shape, values: Float32Array.from(parameters.codes) }, flattened, 'onnx').values,
        );
  return writer.tensor(toTensor(`${node.id}.weight.codes`, shape, DATA_TYPE.int8, bytesOf(codes)));
}

/** Notes that a value holds a tensor's codes. */
export function noteCodes({ codes }: IntegerWriter, { node }: IntegerNode, name: string, type: number): void {
  const { channels, height, width } = node.output;
  const isVector = node.operation.kind === 'flatten' || node.operation.kind === 'fully-connected';
  codes.push({ name, type, shape: isVector ? [channels] : [channels, height, width] });
}

/** Whether a range is all that an unsigned byte around the format's zero point has. */
export const fillsByte = ({ lowest, highest }: CodeRange, zeroPoint: number) =>
  lowest <= -zeroPoint && highest >= 255 - zeroPoint;

/** Writes what computes in float. */
export function writeFloatNode(context: IntegerWriter, { node }: IntegerNode, inputs: readonly string[]): void {
  writeOperation(context, node, inputs, ({ id }, weight) =>
    writeFloat32(context.writer, `${id}.weight`, weight.values, weight.shape),
  );
}
