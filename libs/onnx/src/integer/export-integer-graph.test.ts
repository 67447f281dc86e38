import {
  type Convolution,
  createRandomSource,
  type Model,
  type Network,
  type Operation,
  outputShape,
  roundHalfToEven,
  type TensorShape,
} from '@bitwright/core';
import {
  analyseTopology,
  findHardwarePreset,
  highestBits,
  type IntegerGraph,
  lowerToIntegers,
  searchSpace,
} from '@bitwright/hago';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeFile } from '../import/decode-file.js';
import { exportIntegerGraph } from './export-integer-graph.js';

const SIZE = 6;
const WINDOW = 3;
const CONVOLUTION: Convolution = {
  ...{ kind: 'convolution', outChannels: 16, groups: 1, bias: true },
  ...{ kernelHeight: WINDOW, kernelWidth: WINDOW, strideHeight: 1, strideWidth: 1 },
  padding: { top: 0, left: 0, bottom: 0, right: 0 },
};

const POINTWISE: Operation = { ...CONVOLUTION, kernelHeight: 1, kernelWidth: 1 };

/** Images that divide into groups of columns, and a convolution that gives one output column for every `stride`. */
const divided = (kernel: number, stride: number, left: number, outChannels = 16) => ({
  input: { height: 9, width: 12 },
  stem: {
    ...{ ...CONVOLUTION, outChannels, kernelHeight: 2, kernelWidth: kernel, strideHeight: 3, strideWidth: stride },
    padding: { top: 1, left, bottom: 0, right: kernel - 1 - left },
  },
});

type Images = { readonly input: { readonly height: number; readonly width: number }; readonly stem: Convolution };
const WHOLE: Images = { input: { height: SIZE, width: SIZE }, stem: CONVOLUTION };

/** A convolution of images with some channels, others behind it, the mean over each of their outputs, and a classifier. */
function createModel(channels: number, others: readonly string[] = [], { input: size, stem }: Images = WHOLE): Model {
  const input = { ...size, channels };
  const features = outputShape(stem, input);
  const pooled = { height: 1, width: 1, channels: features.channels };
  const layers = ['stem', ...others];
  const network: Network = {
    ...{ name: 'small', input, classes: 2 },
    nodes: [
      { id: 'input', operation: { kind: 'input' }, inputs: [], output: input },
      { id: 'stem', operation: stem, inputs: ['input'], output: features },
      ...others.map((id, index) => ({
        ...{ id, operation: POINTWISE, inputs: [layers[index] as string], output: features },
      })),
      { id: 'pool', operation: { kind: 'global-average-pool' }, inputs: [layers.at(-1) as string], output: pooled },
      {
        ...{ id: 'classes', inputs: ['pool'], output: { ...pooled, channels: 2 } },
        operation: { kind: 'fully-connected', outFeatures: 2, bias: true },
      },
    ],
  };
  const random = createRandomSource(7);
  const draw = (...shape: number[]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { shape, values: Float32Array.from({ length: count }, () => random.normal() / 4) };
  };
  const parameters = new Map([
    ['stem.weight', draw(stem.outChannels, channels, stem.kernelHeight, stem.kernelWidth)],
    ['stem.bias', draw(stem.outChannels)],
    ...others.flatMap((id) => [[`${id}.weight`, draw(16, 16, 1, 1)] as const, [`${id}.bias`, draw(16)] as const]),
    ['classes.weight', draw(2, features.channels)],
    ['classes.bias', draw(2)],
  ]);
  return { network, parameters };
}

function lower({ network, parameters }: Model, inFloat: readonly string[] = []): IntegerGraph {
  const topology = analyseTopology(network, findHardwarePreset('onnxruntime-cpu'), new Set(inFloat));
  const space = searchSpace(topology);
  const thresholds = new Map(network.nodes.map(({ id }) => [id, 2]));
  return lowerToIntegers({ network, parameters }, topology, space, highestBits(space), thresholds);
}

const imageOf = ({ height, width, channels }: TensorShape) =>
  Float32Array.from({ length: channels * height * width }, (_, at) => Math.sin(at + 1) * 1.9);

/** The sum of the first convolution at every output, code by code, from what the lowered graph says; NCHW. */
function sumsOf({ network, nodes }: IntegerGraph): number[] {
  const stem = nodes.find(({ id }) => id === 'stem') ?? expect.fail('no stem');
  const conversion = stem.inputs[0]?.conversion;
  const parameters = stem.kernel?.parameters;
  if (conversion?.kind !== 'quantize' || parameters === undefined) throw new Error('the stem is not integer');
  const { height, width, channels } = network.input;
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, padding } = stem.node.operation as Convolution;
  const scale = Math.fround(conversion.to.scales[0] as number);
  const codes = imageOf(network.input).map((value) => Math.min(Math.max(roundHalfToEven(value / scale), -128), 127));
  const codeAt = (channel: number, row: number, column: number) =>
    row < 0 || row >= height || column < 0 || column >= width
      ? 0
      : (codes[(channel * height + row) * width + column] as number);
  const window = kernelHeight * kernelWidth;
  const places = stem.node.output;
  return Array.from({ length: places.channels * places.height * places.width }, (_, at) => {
    const output = Math.floor(at / (places.height * places.width));
    const top = (Math.floor(at / places.width) % places.height) * strideHeight - padding.top;
    const left = (at % places.width) * strideWidth - padding.left;
    let sum = parameters.bias?.[output] ?? 0;
    for (let tap = 0; tap < channels * window; tap += 1) {
      const [row, column] = [top + (Math.floor(tap / kernelWidth) % kernelHeight), left + (tap % kernelWidth)] as const;
      const code = codeAt(Math.floor(tap / window), row, column);
      sum += (parameters.codes[output * channels * window + tap] as number) * code;
    }
    return sum;
  });
}

/** The codes that the first convolution is to give, as unsigned bytes. */
function codesOf(graph: IntegerGraph): number[] {
  const stem = graph.nodes.find(({ id }) => id === 'stem') ?? expect.fail('no stem');
  const { multipliers, range } = stem.kernel?.requantization ?? expect.fail('no kernel');
  const { height, width } = stem.node.output;
  return sumsOf(graph).map((sum, at) => {
    const multiplier = multipliers[multipliers.length === 1 ? 0 : Math.floor(at / (height * width))] as number;
    return Math.min(Math.max(roundHalfToEven(sum * multiplier), range.lowest), range.highest) + 128;
  });
}

async function run(
  file: Uint8Array,
  { height, width, channels }: TensorShape,
  graphOptimizationLevel: 'disabled' | 'all' = 'all',
): Promise<InferenceSession.OnnxValueMapType> {
  const extra = { session: { x64quantprecision: '1' } };
  const session = await InferenceSession.create(file, { graphOptimizationLevel, extra });
  const image = imageOf({ height, width, channels });
  const outputs = await session.run({ input: new Tensor('float32', image, [1, channels, height, width]) });
  await session.release();
  return outputs;
}

/** Of the first convolution's weight, as it was written. */
const readShape = (file: Uint8Array) =>
  decodeFile(file)
    .graph.initializer.find(({ name }) => name === 'stem.weight.codes')
    ?.dims.map(Number) ?? [];

describe('integer graphs as ONNX', () => {
  it.each([1, 2, 3, 4, 5])('sum up images of %i channels', async (channels) => {
    const model = createModel(channels);
    const graph = lower(model);
    const file = exportIntegerGraph(graph, model.parameters, { everyTensor: true });
    const outputs = await run(file, model.network.input);
    const expected = codesOf(graph);
    expect(Array.from(outputs['stem.codes']?.data as Uint8Array)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(50);
  });

  it.each([
    [3, 1, 1, 1],
    [3, 2, 1, 1],
    [3, 3, 2, 1],
    [1, 4, 1, 1],
    [3, 7, 2, 3],
    [2, 7, 1, 0],
    [2, 2, 2, 0],
    [3, 9, 4, 8],
    [3, 4, 4, 1],
    [1, 1, 1, 0],
  ])('sum up groups of columns: %i channels, kernel %i, stride %i, %i columns of padding', async (...sizes) => {
    const [channels, kernel, stride, left] = sizes;
    const model = createModel(channels, [], divided(kernel, stride, left));
    const graph = lower(model);
    const file = exportIntegerGraph(graph, model.parameters, { everyTensor: true });
    expect(readShape(file).slice(0, 2)).toEqual([(4 / stride) * 16, 4 * channels]);
    const expected = codesOf(graph);
    for (const level of ['all', 'disabled'] as const) {
      const outputs = await run(file, model.network.input, level);
      expect(Array.from(outputs['stem.codes']?.data as Uint8Array)).toEqual(expected);
    }
    expect(new Set(expected).size).toBeGreaterThan(50);
  });

  it.each([
    [1, 4, WHOLE],
    [3, 4, WHOLE],
    [5, 5, WHOLE],
    [3, 4, divided(3, 3, 1)],
    [3, 4, { ...divided(3, 1, 1), input: { height: 9, width: 10 } }],
    [3, 4, divided(3, 1, 1, 36)],
    [4, 4, divided(3, 1, 1)],
  ])('let kernels read images of %i channels as %i where columns form no groups', (channels, read, images) => {
    const model = createModel(channels, [], images);
    const { outChannels, kernelHeight, kernelWidth } = images.stem;
    const shape = readShape(exportIntegerGraph(lower(model), model.parameters));
    expect(shape).toEqual([outChannels, read, kernelHeight, kernelWidth]);
  });

  it.each([
    ['the last layer', ['middle'], ['middle']],
    ['a layer between others', ['middle', 'end'], ['middle']],
    ['two layers in a row', ['middle', 'more', 'end'], ['middle', 'more']],
  ])('leave in float what is float: %s', async (_, others, inFloat) => {
    const model = createModel(1, others);
    const file = exportIntegerGraph(lower(model, inFloat), model.parameters);
    const [optimized, plain] = [
      await run(file, model.network.input),
      await run(file, model.network.input, 'disabled'),
    ].map(({ classes }) => Array.from(classes?.data as Float32Array)) as [number[], number[]];
    expect(Math.max(...plain.map(Math.abs))).toBeGreaterThan(0.1);
    for (const [index, value] of optimized.entries()) expect(value).toBeCloseTo(plain[index] as number, 5);
  });

  it.each([WHOLE, divided(3, 1, 1)])('hold nothing that nobody reads', (images) => {
    const model = createModel(3, [], images);
    const { graph } = decodeFile(exportIntegerGraph(lower(model), model.parameters));
    const read = new Set(graph.node.flatMap(({ input }) => input));
    const results = new Set(graph.output.map(({ name }) => name));
    const written = [...graph.node.flatMap(({ output }) => output), ...graph.initializer.map(({ name }) => name)];
    expect(written.filter((name) => !read.has(name) && !results.has(name))).toEqual([]);
  });
});
