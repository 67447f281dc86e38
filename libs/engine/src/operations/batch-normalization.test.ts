import { createRandomSource, roundHalfToEven } from '@bitwright/core';
import { createSession, type Feed, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { describe, expect, it } from 'vitest';
import { rectify } from './activation.js';
import { compute, floats } from './arithmetic.js';
import { type OutputRange, rectifiedRange, trainedNormalization } from './batch-normalization.js';
import { type ActivationQuantizer, quantizeActivation, quantizedRange } from './quantize-activation.js';

const EPSILON = 1e-3;
const MOMENTUM = 0.1;

type Emitted = { readonly output: GraphTensor; readonly gradients: Readonly<Record<string, GraphTensor>> };
type Inputs = { readonly x: GraphTensor; readonly scale: GraphTensor; readonly shift: GraphTensor };
type Running = { readonly mean: GraphTensor; readonly variance: GraphTensor };

/** Values of a run by name, with the inputs drawn around `mean`. */
function run(
  shape: readonly number[],
  mean: number,
  emit: (graph: GraphBuilder, inputs: Inputs & Running, upstream: GraphTensor) => Emitted,
): ReadonlyMap<string, Float32Array> {
  const random = createRandomSource(11);
  const channels = shape.at(-1) as number;
  const graph = new GraphBuilder();
  const feeds: Feed[] = [];
  const place = (size: readonly number[], value: () => number) => {
    const target = graph.placeholder('float32', size);
    feeds.push({ target, values: Float32Array.from({ length: size.reduce((a, b) => a * b, 1) }, value) });
    return target;
  };
  const inputs = {
    x: place(shape, () => mean + 2 * random.normal()),
    scale: place([channels], () => 1.5 + 0.5 * random.normal()),
    shift: place([channels], () => 1 + random.normal()),
    mean: place([channels], () => random.normal()),
    variance: place([channels], () => 1 + random.normal() ** 2),
  };
  const upstream = place(shape, () => random.normal());
  const { output, gradients } = emit(graph, inputs, upstream);
  using session = createSession(graph);
  const names = ['output', ...Object.keys(gradients)];
  const fetched = session.run(feeds, [output, ...Object.values(gradients)]);
  return new Map(names.map((name, index) => [name, fetched[index]?.values as Float32Array]));
}

function ours(range: ((graph: GraphBuilder) => OutputRange) | undefined) {
  return (graph: GraphBuilder, { x, ...parameters }: Inputs & Running, upstream: GraphTensor): Emitted => {
    const options = { epsilon: EPSILON, momentum: MOMENTUM };
    const step = trainedNormalization(graph, x, parameters, options, range?.(graph));
    const { inputs, parameters: gradients } = step.backward(upstream, true);
    return { output: step.output, gradients: { input: inputs[0] as GraphTensor, ...gradients, ...step.statistics } };
  };
}

/** TensorFlow's own kernels, and `follow` behind them. */
function theirs(
  follow: (
    graph: GraphBuilder,
    normalized: GraphTensor,
    upstream: GraphTensor,
  ) => { output: GraphTensor; input: GraphTensor; clip?: GraphTensor | undefined },
) {
  return (
    graph: GraphBuilder,
    { x, scale, shift, mean, variance }: Inputs & Running,
    upstream: GraphTensor,
  ): Emitted => {
    const attributes = {
      T: { type: 'float32' },
      U: { type: 'float32' },
      epsilon: { float: EPSILON },
      data_format: { text: 'NHWC' },
      is_training: { bool: true },
    } as const;
    const vector = { shape: scale.shape };
    const [normalized, newMean, newVariance, ...saved] = graph.operation('FusedBatchNormV3', {
      inputs: [x, scale, shift, mean, variance],
      attributes: { ...attributes, exponential_avg_factor: { float: MOMENTUM } },
      outputs: [{ shape: x.shape }, vector, vector, vector, vector, vector],
    }) as [GraphTensor, GraphTensor, GraphTensor, ...GraphTensor[]];
    const { output, input, clip } = follow(graph, normalized, upstream);
    const [ofInput, ofScale, ofShift] = graph.operation('FusedBatchNormGradV3', {
      inputs: [input, x, scale, ...saved],
      attributes,
      outputs: [{ shape: x.shape }, vector, vector],
    }) as [GraphTensor, GraphTensor, GraphTensor];
    const statistics = { mean: newMean, variance: newVariance };
    const gradients = { input: ofInput, scale: ofScale, shift: ofShift, ...statistics };
    return { output, gradients: clip === undefined ? gradients : { ...gradients, clip } };
  };
}

function expectClose(found: ReadonlyMap<string, Float32Array>, wanted: ReadonlyMap<string, Float32Array>): void {
  expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [name, values] of wanted) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    values.forEach((value, index) => {
      const difference = Math.abs(value - (found.get(name)?.[index] as number));
      expect(difference, `${name}[${index}]`).toBeLessThan(1e-4 * largest);
    });
  }
}

// Channels below, at and above what a loop takes at once; rows that no number of threads divides.
const SHAPES = [
  [3, 5, 7, 1],
  [2, 3, 3, 5],
  [4, 9, 9, 24],
  [3, 7, 5, 64],
  [2, 11, 3, 130],
  [37, 6],
] as const;

describe('batch normalization in training', () => {
  it.each(SHAPES.slice(0, 5).map((shape) => [shape]))('of %j is what TensorFlow makes of it', (shape) => {
    const alone = theirs((_, output, input) => ({ output, input }));
    expectClose(run(shape, 0.5, ours(undefined)), run(shape, 0.5, alone));
  });

  it.each(['relu', 'relu6'] as const)('with a %s behind is what TensorFlow makes of both', (kind) => {
    const rectified = theirs((graph, normalized, upstream) => {
      const { output, backward } = rectify(graph, kind, normalized);
      return { output, input: backward(upstream, true).inputs[0] as GraphTensor };
    });
    const range = (graph: GraphBuilder) => rectifiedRange(graph, kind);
    for (const shape of SHAPES.slice(0, 5)) expectClose(run(shape, 0.5, ours(range)), run(shape, 0.5, rectified));
  });

  it.each([
    [false, 1],
    [false, 3],
    [false, 8],
    [true, 2],
    [true, 5],
  ])('with a quantizer behind (signed: %s, %i bits) is what TensorFlow makes of both', (signed, bits) => {
    const quantizerOf = (graph: GraphBuilder): ActivationQuantizer => ({
      ...{ bits: graph.constant(Int32Array.of(bits), []), clip: floats(graph, 2.5), signed, learnsClip: true },
    });
    const quantized = theirs((graph, normalized, upstream) => {
      const { output, backward } = quantizeActivation(graph, normalized, quantizerOf(graph));
      return { output, ...backward(upstream) };
    });
    const range = (graph: GraphBuilder) => quantizedRange(graph, quantizerOf(graph));
    for (const shape of SHAPES.slice(0, 5)) {
      const [found, wanted] = [run(shape, 0.5, ours(range)), run(shape, 0.5, quantized)];
      // A value halfway between two levels may fall to either, by the last digit of what was normalized.
      const levels = 2.5 / (2 ** (signed ? bits - 1 : bits) - 1);
      const far = [...(wanted.get('output') ?? [])].filter(
        (value, index) => Math.abs(value - (found.get('output')?.[index] as number)) > 1e-4,
      );
      expect(far.length).toBeLessThanOrEqual(1);
      for (const value of found.get('output') ?? []) {
        expect(Math.abs(value / levels - roundHalfToEven(value / levels))).toBeLessThan(1e-4);
      }
      const rest = (values: ReadonlyMap<string, Float32Array>) =>
        new Map([...values].filter(([name]) => name !== 'output'));
      expectClose(rest(found), rest(wanted));
    }
  });

  it('keeps its precision where the mean is large', () => {
    const values = run([64, 8, 8, 3], 3000, ours(undefined)).get('output') as Float32Array;
    const standardized = run([64, 8, 8, 3], 0, ours(undefined)).get('output') as Float32Array;
    values.forEach((value, index) => {
      expect(Math.abs(value - (standardized[index] as number))).toBeLessThan(2e-3);
    });
  });

  it('takes a matrix as rows of channels', () => {
    const values = run(SHAPES[5], 0.5, ours(undefined));
    expect(values.get('output')).toHaveLength(37 * 6);
  });

  it('refuses what it cannot normalize', () => {
    const refused = (shape: readonly number[], channels: number) => {
      const graph = new GraphBuilder();
      const vector = () => floats(graph, Array(channels).fill(1));
      const x = compute(graph, 'Identity', [floats(graph, Array(shape[0] as number).fill(0))]);
      const parameters = { scale: vector(), shift: vector(), mean: vector(), variance: vector() };
      const options = { epsilon: EPSILON, momentum: MOMENTUM };
      const { output } = trainedNormalization(graph, x, parameters, options);
      using session = createSession(graph);
      return session.run([], [output]);
    };
    expect(() => refused([4], 3)).toThrow(/two rows or more, and a mean and variance of each channel/);
  });
});
