import { type CodeRange, type IntegerFormat, type IntegerInput, type IntegerNode, zeroPointOf } from '@bitwright/hago';
import { shapeOf, writeFloatInput } from '../export/float-layers.js';
import type { ImageReading } from '../images/image-reading.js';
import { DATA_TYPE } from '../wire/data-type.js';
import { toTensor, toZeroPoint } from '../wire/tensors.js';
import { type CodeGrid, fillsByte, type IntegerWriter, writeFloat32 } from './integer-writer.js';

/** Writes the codes of what a node reads in float and wants in integers; once for all readers. */
export function quantizeInput(context: IntegerWriter, input: IntegerInput): void {
  const { source, conversion } = input;
  const name = codedName(input);
  if (conversion.kind !== 'quantize' || context.grids.has(name)) return;
  writeCodes(context, name, source, conversion.to, conversion.range);
}

/** The value that a node reads, after which its codes are named where it has codes. */
const codedName = ({ source, conversion }: IntegerInput) =>
  conversion.kind === 'quantize' ? `${source}.quantized` : source;

/** The codes of the one tensor that a node reads, with the names of their scale and zero point. */
export function codedInput({ grids }: IntegerWriter, { id, inputs: [input] }: IntegerNode) {
  const name = input && codedName(input);
  const grid = name === undefined ? undefined : grids.get(name);
  if (grid === undefined) throw new Error(`${id} reads no codes`);
  return { codes: `${name}.codes`, grid };
}

/** The float values that a node reads. */
export const readInputs = (context: IntegerWriter, { inputs }: IntegerNode) =>
  inputs.map((input) => readValue(context, codedName(input)));

/** The same for a convolution in float, which ONNX Runtime is to leave in float. */
export const readInFloat = (context: IntegerWriter, { inputs }: IntegerNode) =>
  inputs.map(({ source, conversion }) => {
    if (conversion.kind !== 'dequantize' || !context.grids.has(source)) return readValue(context, source);
    const name = `${source}.float`;
    if (context.dequantized.has(name)) return name;
    context.dequantized.add(name);
    const grid = { scale: conversion.from.scales[0] as number, zeroPoint: zeroPointOf(conversion.from) };
    return writeFloatInput(context.writer, name, `${source}.codes`, grid, shapeOf(context.network, source));
  });

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

/**
 * Quantizes `value` and gives its codes; the float value that they stand for is named `name`. Once for each name. `restore`
 * writes codes that come in another arrangement as those of the tensor.
 */
export function writeCodes(
  context: IntegerWriter,
  name: string,
  value: string,
  format: IntegerFormat,
  range: CodeRange,
  restore?: ImageReading['restore'],
): string {
  const { writer } = context;
  const zeroPoint = zeroPointOf(format);
  const grid = writeGrid(context, name, format);
  const full = fillsByte(range, zeroPoint);
  const named = full ? `${name}.codes` : `${name}.unclipped`;
  const quantized = writer.node('QuantizeLinear', restore ? `${name}.arranged` : named, [value, ...grid]);
  const codes = restore ? restore(writer, named, quantized) : quantized;
  return full ? codes : writeClip(writer, `${name}.codes`, codes, range, zeroPoint);
}

/** Scale and zero point of a tensor's codes, kept for whoever reads the codes themselves. */
export function writeGrid({ writer, grids }: IntegerWriter, name: string, format: IntegerFormat): CodeGrid {
  const scale = writeFloat32(writer, `${name}.scale`, Float32Array.from(format.scales), []);
  const grid: CodeGrid = [scale, writer.tensor(toZeroPoint(zeroPointOf(format)))];
  grids.set(name, grid);
  return grid;
}

/** Clips codes, not values: that stays outside of the integer kernels and keeps none of them from being used. */
export function writeClip(
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
