import type { ParameterTensor, TensorShape } from '@bitwright/core';
import { DATA_TYPE } from '../wire/data-type.js';
import type { GraphWriter } from '../wire/graph-writer.js';
import { toFloatTensor, toTensor, toZeroPoint } from '../wire/tensors.js';
import { writeFloatInput } from './float-layers.js';
import {
  type ActivationQuantization,
  codeLimits,
  hasByteCodes,
  type WeightQuantization,
} from './layer-quantization.js';
import { codebookCodes, linearCodes, packInt4 } from './weight-codes.js';

type Linear<T> = Extract<T, { readonly kind: 'linear' }>;

/** Writes a weight as it is quantized and gives the value that holds it in float. */
export function writeQuantizedWeight(
  writer: GraphWriter,
  name: string,
  weight: ParameterTensor,
  quantization: Exclude<WeightQuantization, { readonly kind: 'multipoint' }>,
  int4: boolean,
): string {
  switch (quantization.kind) {
    case 'float':
      return writer.tensor(toFloatTensor(name, weight));
    case 'codebook':
      return writeCodebookWeight(writer, name, weight, quantization);
    case 'linear':
      return writeLinearWeight(writer, name, weight, quantization, int4 && quantization.bits <= 4);
  }
}

function writeLinearWeight(
  writer: GraphWriter,
  name: string,
  weight: ParameterTensor,
  { bits, scales }: Linear<WeightQuantization>,
  int4: boolean,
): string {
  const codes = linearCodes(weight, bits, scales);
  const type = int4 ? DATA_TYPE.int4 : DATA_TYPE.int8;
  const bytes = (values: Int8Array) => (int4 ? packInt4(values) : new Uint8Array(values.buffer));
  const shape = scales.length === 1 ? [] : [scales.length];
  const stored = writer.tensor(toTensor(`${name}.codes`, weight.shape, type, bytes(codes)));
  const scale = writer.tensor(toFloatTensor(`${name}.scale`, { shape, values: scales }));
  const zero = writer.tensor(toTensor(`${name}.zero`, shape, type, bytes(new Int8Array(scales.length))));
  return writer.node('DequantizeLinear', name, [stored, scale, zero], shape.length === 0 ? {} : { axis: 0 });
}

/** DequantizeLinear knows no codebooks: the weight is gathered from its entries. */
function writeCodebookWeight(
  writer: GraphWriter,
  name: string,
  weight: ParameterTensor,
  { entries, scales }: Extract<WeightQuantization, { readonly kind: 'codebook' }>,
): string {
  const codes = codebookCodes(weight.values, entries, scales);
  const stored = writer.tensor(toTensor(`${name}.codes`, weight.shape, DATA_TYPE.uint8, codes));
  const codebook = writer.tensor(toFloatTensor(`${name}.entries`, { shape: [entries.length], values: entries }));
  // Gather takes int32 or int64 indices; the file keeps a byte a weight.
  const indices = writer.node('Cast', `${name}.indices`, [stored], { to: DATA_TYPE.int32 });
  if (scales === undefined) return writer.node('Gather', name, [codebook, indices], { axis: 0 });
  const inUnits = writer.node('Gather', `${name}.units`, [codebook, indices], { axis: 0 });
  const shape = weight.shape.map((size, axis) => (axis === 0 ? size : 1));
  return writer.node('Mul', name, [inUnits, writer.tensor(toFloatTensor(`${name}.scale`, { shape, values: scales }))]);
}

/**
 * Writes the quantization of a layer's input and gives the value that the layer reads; `name` prefixes its nodes. `inFloat` is the
 * shape of an input to a convolution in float, see `float-layers.ts`.
 */
export function writeQuantizedInput(
  writer: GraphWriter,
  name: string,
  input: string,
  quantization: ActivationQuantization,
  inFloat?: TensorShape,
): string {
  if (quantization.kind === 'float') return input;
  if (quantization.kind === 'codebook') return writeCodebookInput(writer, name, input, quantization.entries);
  if (!hasByteCodes(quantization)) return writeSign(writer, name, input, quantization);
  const { signed } = quantization;
  const type = signed ? DATA_TYPE.int8 : DATA_TYPE.uint8;
  const zero = writer.tensor(toTensor(`zero.${signed ? 'int8' : 'uint8'}`, [], type, new Uint8Array(1)));
  const { codes, scale } = writeCodes(writer, name, input, quantization, zero);
  if (inFloat === undefined) return writer.node('DequantizeLinear', name, [codes, scale, zero]);
  return writeFloatInput(writer, name, codes, { scale: quantization.scale, zeroPoint: 0, signed }, inFloat);
}

/** An input's codes as unsigned bytes around a zero point, for integer products; `scale` is what a step of them stands for. */
export type InputCodes = { readonly codes: string; readonly zero: string; readonly scale: number };

/** Writes the codes of an input, or nothing where it has none that a byte holds: in float, by a codebook, ±1. */
export function writeInputCodes(
  writer: GraphWriter,
  name: string,
  input: string,
  quantization: ActivationQuantization,
): InputCodes | undefined {
  if (!hasByteCodes(quantization)) return undefined;
  const zero = writer.tensor(toZeroPoint(quantization.signed ? 128 : 0));
  const { codes } = writeCodes(writer, name, input, quantization, zero);
  return { codes, zero, scale: quantization.scale };
}

function writeCodes(
  writer: GraphWriter,
  name: string,
  input: string,
  quantization: Linear<ActivationQuantization>,
  zero: string,
): { readonly codes: string; readonly scale: string } {
  const scale = writer.scalar(`${name}.scale`, quantization.scale);
  const clipped = writeClip(writer, name, input, quantization);
  return { codes: writer.node('QuantizeLinear', `${name}.codes`, [clipped, scale, zero]), scale };
}

/** Fewer than 8 bits must saturate at their own highest code; only unsigned 8-bit codes saturate by themselves. */
function writeClip(
  writer: GraphWriter,
  name: string,
  input: string,
  { bits, signed, scale }: Linear<ActivationQuantization>,
): string {
  if (bits === 8 && !signed) return input;
  const { lowest, highest } = codeLimits(bits, signed);
  const lowestValue = writer.scalar(`${name}.lowest`, Math.fround(scale * lowest));
  const highestValue = writer.scalar(`${name}.highest`, Math.fround(scale * highest));
  return writer.node('Clip', `${name}.clipped`, [input, lowestValue, highestValue]);
}

/** One signed bit: scale where the input is 0 or above, else -scale. */
function writeSign(
  writer: GraphWriter,
  name: string,
  input: string,
  { scale }: Linear<ActivationQuantization>,
): string {
  const isNegative = writer.node('Less', `${name}.negative`, [input, writer.scalar('zero.float', 0)]);
  const below = writer.scalar(`${name}.lowest`, -scale);
  const above = writer.scalar(`${name}.highest`, scale);
  return writer.node('Where', name, [isNegative, below, above]);
}

/**
 * ONNX has no operator that finds a nearest entry: the code is searched bit by bit, the highest first. A bit is set where
 * the value is not below the bound between the entries on either side of it.
 */
function writeCodebookInput(writer: GraphWriter, name: string, input: string, entries: Float32Array): string {
  const bits = Math.ceil(Math.log2(Math.max(2, entries.length)));
  const at = (index: number) => entries[Math.min(index, entries.length - 1)] as number;
  const table = Float32Array.from({ length: 2 ** bits }, (_, index) => at(index));
  const bounds = table.map((entry, index) => Math.fround(entry + at(index + 1)) / 2);
  const [codebook, limits] = [`${name}.entries`, `${name}.bounds`].map((id, which) =>
    writer.tensor(toFloatTensor(id, { shape: [table.length], values: which === 0 ? table : bounds })),
  ) as [string, string];
  const integer = (value: number) =>
    writer.tensor(toTensor(`integer.${value}`, [], DATA_TYPE.int32, new Uint8Array(Int32Array.of(value).buffer)));
  let codes: string | undefined;
  for (let bit = bits - 1; bit >= 0; bit -= 1) {
    const step = `${name}.bit${bit}`;
    const middle = integer(2 ** bit - 1);
    const place = codes === undefined ? middle : writer.node('Add', `${step}.place`, [codes, middle]);
    const bound = writer.node('Gather', `${step}.bound`, [limits, place], { axis: 0 });
    const above = writer.node('GreaterOrEqual', `${step}.above`, [input, bound]);
    const value = writer.node('Where', `${step}.value`, [above, integer(2 ** bit), integer(0)]);
    codes = codes === undefined ? value : writer.node('Add', `${step}.codes`, [codes, value]);
  }
  return writer.node('Gather', name, [codebook, codes as string], { axis: 0 });
}
