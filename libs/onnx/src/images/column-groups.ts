import type { Convolution, TensorShape } from '@bitwright/core';
import type { GraphWriter } from '../wire/graph-writer.js';
import { elementCount, toInt64Tensor } from '../wire/tensors.js';
import { CHANNELS_AT_ONCE, type ImageReading, type Shaped, zerosLike } from './image-reading.js';

/** Columns that become channels together: as many channels, whatever the image has, as kernels read at once. */
const COLUMNS = CHANNELS_AT_ONCE;

/** Beyond so many output channels the zeros in the weight cost more than is won (docs/strategies/hago.md). */
const MOST_OUTPUTS = 128;

/** Groups of neighbouring columns of images, and what a convolution reads and gives of them. */
export type ColumnGroups = {
  readonly input: TensorShape;
  readonly output: TensorShape;
  /** Output columns that one group of input columns gives, side by side as channels. */
  readonly outputColumns: number;
  /** The groups that one output reads, counted from its own: the first is not positive, the last not negative. */
  readonly first: number;
  readonly last: number;
};

/** The groups of a dense convolution; nothing where images do not divide into them, or nothing is won. */
export function findColumnGroups(
  { strideWidth, kernelWidth, outChannels, padding: { left } }: Convolution,
  input: TensorShape,
  output: TensorShape,
): ColumnGroups | undefined {
  const outputColumns = COLUMNS / strideWidth;
  const divides = input.width % COLUMNS === 0 && output.width * strideWidth === input.width;
  if (!divides || !Number.isInteger(outputColumns) || outputColumns * outChannels > MOST_OUTPUTS) return undefined;
  const lastTap = (outputColumns - 1) * strideWidth - left + kernelWidth - 1;
  return { input, output, outputColumns, first: groupOf(-left), last: groupOf(lastTap) };
}

const groupOf = (column: number) => Math.floor(column / COLUMNS);

/**
 * Columns of images become channels, and so do columns of the output: the kernel looks up where a window lies once for
 * several columns, which takes it more time than the products of so few channels.
 */
export const readColumnGroups = (convolution: Convolution, groups: ColumnGroups): ImageReading => ({
  convolution: {
    ...convolution,
    ...{ outChannels: groups.outputColumns * convolution.outChannels, strideWidth: 1 },
    kernelWidth: groups.last - groups.first + 1,
    padding: { ...convolution.padding, left: -groups.first, right: groups.last },
  },
  arrange: (writer, name, codes) => writeGroups(writer, name, codes, groups.input),
  restore: (writer, name, codes) => writeColumns(writer, name, codes, groups.output),
  weight: (weight) => groupWeight(weight, convolution, groups),
  outputs: (values) => repeat(values, groups.outputColumns),
});

/** From N x C x H x W to N x (C x columns) x H x groups, laid out with channels last, as integer kernels read. */
function writeGroups(writer: GraphWriter, name: string, codes: string, { channels, height, width }: TensorShape) {
  const groups = [0, height, width / COLUMNS, channels * COLUMNS];
  if (channels === 1) return writeChannelsFirst(writer, name, codes, groups);
  const split = writeReshape(writer, `${name}.split`, codes, [0, channels, (height * width) / COLUMNS, COLUMNS]);
  const mixed = writer.node('Transpose', `${name}.mixed`, [split], { perm: [0, 2, 1, 3] });
  return writeChannelsFirst(writer, name, mixed, groups);
}

/** From N x (columns x C) x H x groups back to N x C x H x W; in memory, with channels last, nothing moves. */
function writeColumns(writer: GraphWriter, name: string, codes: string, { channels, height, width }: TensorShape) {
  const grouped = writer.node('Transpose', `${name}.grouped`, [codes], { perm: [0, 2, 3, 1] });
  return writeChannelsFirst(writer, name, grouped, [0, height, width, channels]);
}

/** Gives codes with channels last this shape, and names them with channels first. */
function writeChannelsFirst(writer: GraphWriter, name: string, codes: string, shape: readonly number[]): string {
  const shaped = writeReshape(writer, `${name}.last`, codes, shape);
  return writer.node('Transpose', name, [shaped], { perm: [0, 3, 1, 2] });
}

/** A size of 0 is that of what is read. */
const writeReshape = (writer: GraphWriter, name: string, value: string, shape: readonly number[]) =>
  writer.node('Reshape', name, [value, writer.tensor(toInt64Tensor(`${name}.shape`, shape))]);

/** From outputs x C x kernel to (columns x outputs) x (C x columns) x kernel of groups, zero where a column is not read. */
function groupWeight<Values extends Int8Array | Float32Array>(
  { shape, values }: Shaped<Values>,
  { strideWidth, padding: { left } }: Convolution,
  { outputColumns, first, last }: ColumnGroups,
): Shaped<Values> {
  const [outputs, channels, height, width] = shape as [number, number, number, number];
  const grouped = [outputColumns * outputs, channels * COLUMNS, height, last - first + 1];
  const result = zerosLike(values, elementCount(grouped));
  const [, , , groupCount = 1] = grouped;
  values.forEach((value, at) => {
    const tap = at % width;
    const row = Math.floor(at / width) % height;
    const channel = Math.floor(at / (width * height)) % channels;
    const output = Math.floor(at / (width * height * channels));
    for (let column = 0; column < outputColumns; column += 1) {
      const read = column * strideWidth - left + tap;
      const group = groupOf(read);
      const target = (column * outputs + output) * channels * COLUMNS + channel * COLUMNS + read - group * COLUMNS;
      result[(target * height + row) * groupCount + group - first] = value;
    }
  });
  return { shape: grouped, values: result };
}

function repeat<Values extends Int32Array | Float32Array>(values: Values, times: number): Values {
  const repeated = zerosLike(values, times * values.length);
  for (let time = 0; time < times; time += 1) repeated.set(values, time * values.length);
  return repeated;
}
