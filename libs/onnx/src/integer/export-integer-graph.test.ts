import {
  createRandomSource,
  type Model,
  type Network,
  type Operation,
  outputShape,
  roundHalfToEven,
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
const CONVOLUTION: Operation = {
  ...{ kind: 'convolution', outChannels: 16, groups: 1, bias: true },
  ...{ kernelHeight: WINDOW, kernelWidth: WINDOW, strideHeight: 1, strideWidth: 1 },
  padding: { top: 0, left: 0, bottom: 0, right: 0 },
};

const POINTWISE: Operation = { ...CONVOLUTION, kernelHeight: 1, kernelWidth: 1 };

/** A convolution of images with some channels, others behind it, the mean over each of their outputs, and a classifier. */
function createModel(channels: number, others: readonly string[] = []): Model {
  const input = { height: SIZE, width: SIZE, channels };
  const features = outputShape(CONVOLUTION, input);
  const pooled = { height: 1, width: 1, channels: features.channels };
  const layers = ['stem', ...others];
  const network: Network = {
    ...{ name: 'small', input, classes: 2 },
    nodes: [
      { id: 'input', operation: { kind: 'input' }, inputs: [], output: input },
      { id: 'stem', operation: CONVOLUTION, inputs: ['input'], output: features },
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
    ['stem.weight', draw(16, channels, WINDOW, WINDOW)],
    ['stem.bias', draw(16)],
    ...others.flatMap((id) => [[`${id}.weight`, draw(16, 16, 1, 1)] as const, [`${id}.bias`, draw(16)] as const]),
    ['classes.weight', draw(2, 16)],
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

const image = (channels: number) =>
  Float32Array.from({ length: channels * SIZE * SIZE }, (_, at) => Math.sin(at + 1) * 1.9);

/** The sum of the first convolution at every output, code by code, from what the lowered graph says; NCHW. */
function sumsOf(graph: IntegerGraph, pixels: Float32Array): number[] {
  const stem = graph.nodes.find(({ id }) => id === 'stem');
  const conversion = stem?.inputs[0]?.conversion;
  const parameters = stem?.kernel?.parameters;
  if (conversion?.kind !== 'quantize' || parameters === undefined) throw new Error('the stem is not integer');
  const scale = Math.fround(conversion.to.scales[0] as number);
  const codes = pixels.map((value) => Math.min(Math.max(roundHalfToEven(value / scale), -128), 127));
  const channels = parameters.shape[1] as number;
  const places = SIZE - WINDOW + 1;
  return Array.from({ length: 16 * places * places }, (_, at) => {
    const [output, row, column] = [
      Math.floor(at / places ** 2),
      Math.floor(at / places) % places,
      at % places,
    ] as const;
    let sum = parameters.bias?.[output] ?? 0;
    for (let tap = 0; tap < channels * WINDOW * WINDOW; tap += 1) {
      const [channel, down, right] = [Math.floor(tap / 9), Math.floor(tap / 3) % 3, tap % 3] as const;
      const code = codes[(channel * SIZE + row + down) * SIZE + column + right] as number;
      sum += (parameters.codes[output * channels * 9 + tap] as number) * code;
    }
    return sum;
  });
}

async function run(
  file: Uint8Array,
  channels: number,
  graphOptimizationLevel: 'disabled' | 'all' = 'all',
): Promise<InferenceSession.OnnxValueMapType> {
  const extra = { session: { x64quantprecision: '1' } };
  const session = await InferenceSession.create(file, { graphOptimizationLevel, extra });
  const outputs = await session.run({ input: new Tensor('float32', image(channels), [1, channels, SIZE, SIZE]) });
  await session.release();
  return outputs;
}

describe('integer graphs as ONNX', () => {
  it.each([1, 2, 3, 4, 5])('sum up images of %i channels', async (channels) => {
    const model = createModel(channels);
    const graph = lower(model);
    const outputs = await run(exportIntegerGraph(graph, model.parameters, { everyTensor: true }), channels);
    const { multipliers, range } =
      graph.nodes.find(({ id }) => id === 'stem')?.kernel?.requantization ?? expect.fail('no kernel');
    const expected = sumsOf(graph, image(channels)).map((sum, at) => {
      const multiplier = multipliers[multipliers.length === 1 ? 0 : Math.floor(at / 16)] as number;
      return Math.min(Math.max(roundHalfToEven(sum * multiplier), range.lowest), range.highest) + 128;
    });
    expect(Array.from(outputs['stem.codes']?.data as Uint8Array)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(50);
  });

  it.each([
    [1, 4],
    [3, 4],
    [5, 5],
  ])('let kernels read images of %i channels as %i', (channels, read) => {
    const model = createModel(channels);
    const { graph } = decodeFile(exportIntegerGraph(lower(model), model.parameters));
    const weight = graph.initializer.find(({ name }) => name === 'stem.weight.codes');
    expect(weight?.dims.map(Number)).toEqual([16, read, WINDOW, WINDOW]);
  });

  it.each([
    ['the last layer', ['middle'], ['middle']],
    ['a layer between others', ['middle', 'end'], ['middle']],
    ['two layers in a row', ['middle', 'more', 'end'], ['middle', 'more']],
  ])('leave in float what is float: %s', async (_, others, inFloat) => {
    const model = createModel(1, others);
    const file = exportIntegerGraph(lower(model, inFloat), model.parameters);
    const [optimized, plain] = [await run(file, 1), await run(file, 1, 'disabled')].map(({ classes }) =>
      Array.from(classes?.data as Float32Array),
    ) as [number[], number[]];
    expect(Math.max(...plain.map(Math.abs))).toBeGreaterThan(0.1);
    for (const [index, value] of optimized.entries()) expect(value).toBeCloseTo(plain[index] as number, 5);
  });

  it('hold nothing that nobody reads', () => {
    const model = createModel(3);
    const { graph } = decodeFile(exportIntegerGraph(lower(model), model.parameters));
    const read = new Set(graph.node.flatMap(({ input }) => input));
    const results = new Set(graph.output.map(({ name }) => name));
    const written = [...graph.node.flatMap(({ output }) => output), ...graph.initializer.map(({ name }) => name)];
    expect(written.filter((name) => !read.has(name) && !results.has(name))).toEqual([]);
  });
});
