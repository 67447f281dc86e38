import { type Convolution, createRandomSource, type TensorShape } from '@bitwright/core';
import { createSession, type Feed, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { describe, expect, it } from 'vitest';
import { floats } from './arithmetic.js';
import { type OutputRange, rectifiedRange, trainedNormalization } from './batch-normalization.js';
import { convolution } from './convolution.js';
import { expectGradientsToMatch } from './gradient-check.test-support.js';
import { canNormalizeItsInput, normalizedDepthwise } from './normalized-depthwise.js';
import { quantizedRange } from './quantize-activation.js';

const OPTIONS = { epsilon: 1e-3, momentum: 0.1 };

type Tensors = Readonly<Record<'input' | 'weight' | 'scale' | 'shift' | 'mean' | 'variance', GraphTensor>>;
type Case = {
  readonly input: TensorShape;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
};

const operationOf = ({ input, kernel, stride, padding }: Case): Convolution => ({
  kind: 'convolution',
  outChannels: input.channels,
  kernelHeight: kernel,
  kernelWidth: kernel,
  strideHeight: stride,
  strideWidth: stride,
  padding: { top: padding, left: padding, bottom: padding, right: padding },
  groups: input.channels,
  bias: false,
});

function outputOf({ input, kernel, stride, padding }: Case): TensorShape {
  const size = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return { height: size(input.height), width: size(input.width), channels: input.channels };
}

const shapesOf = ({ input, kernel }: Case, batch: number) => {
  const vector = [input.channels];
  const image = [batch, input.height, input.width, input.channels];
  const weight = [kernel, kernel, input.channels, 1];
  return { input: image, weight, scale: vector, shift: vector, mean: vector, variance: vector };
};

const sampleOf = (name: string, normal: number) => (name === 'variance' ? 1 + normal * normal : normal);

type Emit = (
  graph: GraphBuilder,
  tensors: Tensors,
) => { output: GraphTensor; back: (gradient: GraphTensor) => Readonly<Record<string, GraphTensor | undefined>> };

const together =
  (of: Case, range: (graph: GraphBuilder) => OutputRange): Emit =>
  (graph, { input, weight, ...parameters }) => {
    const normalization = { ...OPTIONS, parameters, range: range(graph) };
    const step = normalizedDepthwise(graph, operationOf(of), outputOf(of), { input, weight }, normalization);
    const back = (gradient: GraphTensor) => {
      const { inputs, parameters: own } = step.backward(gradient, true);
      return { input: inputs[0], ...own, ...step.statistics };
    };
    return { output: step.output, back };
  };

/** The normalization by itself, then TensorFlow's depthwise convolution. */
const apart =
  (of: Case, range: (graph: GraphBuilder) => OutputRange): Emit =>
  (graph, { input, weight, ...parameters }) => {
    const normalized = trainedNormalization(graph, input, parameters, OPTIONS, range(graph));
    const tensors = { input: normalized.output, weight, bias: undefined };
    const convolved = convolution(graph, operationOf(of), outputOf(of), tensors);
    const back = (gradient: GraphTensor) => {
      const outer = convolved.backward(gradient, true);
      const inner = normalized.backward(outer.inputs[0] as GraphTensor, true);
      return { input: inner.inputs[0], ...inner.parameters, ...outer.parameters, ...normalized.statistics };
    };
    return { output: convolved.output, back };
  };

function run(of: Case, batch: number, emit: Emit): ReadonlyMap<string, Float32Array> {
  const random = createRandomSource(5);
  const graph = new GraphBuilder();
  const feeds: Feed[] = [];
  const tensors = Object.fromEntries(
    Object.entries(shapesOf(of, batch)).map(([name, shape]) => {
      const target = graph.placeholder('float32', shape);
      const length = shape.reduce((product, size) => product * size, 1);
      feeds.push({ target, values: Float32Array.from({ length }, () => sampleOf(name, random.normal())) });
      return [name, target];
    }),
  ) as Tensors;
  const { output, back } = emit(graph, tensors);
  const length = output.shape.reduce((product, size) => product * size, 1);
  const upstream = graph.constant(
    Float32Array.from({ length }, () => random.normal()),
    output.shape,
  );
  const wanted = { output, ...back(upstream) } as Record<string, GraphTensor>;
  using session = createSession(graph);
  const fetched = session.run(feeds, Object.values(wanted));
  return new Map(Object.keys(wanted).map((name, index) => [name, fetched[index]?.values as Float32Array]));
}

const CASES: readonly (Case & { readonly batch: number })[] = [
  { batch: 3, input: { height: 9, width: 7, channels: 8 }, kernel: 3, stride: 1, padding: 1 },
  { batch: 2, input: { height: 8, width: 8, channels: 16 }, kernel: 3, stride: 2, padding: 1 },
  { batch: 2, input: { height: 7, width: 11, channels: 21 }, kernel: 3, stride: 2, padding: 1 },
  { batch: 1, input: { height: 6, width: 6, channels: 13 }, kernel: 5, stride: 1, padding: 2 },
  { batch: 2, input: { height: 9, width: 10, channels: 40 }, kernel: 5, stride: 2, padding: 2 },
  { batch: 2, input: { height: 6, width: 5, channels: 24 }, kernel: 3, stride: 1, padding: 0 },
  { batch: 1, input: { height: 7, width: 7, channels: 9 }, kernel: 3, stride: 3, padding: 0 },
];

const RANGES: Readonly<Record<string, (graph: GraphBuilder) => OutputRange>> = {
  'a ReLU6': (graph) => rectifiedRange(graph, 'relu6'),
  'a quantizer of 3 bits': (graph) => quantizedRange(graph, quantizerOf(graph, 3, false)),
  'a signed quantizer of 4 bits': (graph) => quantizedRange(graph, quantizerOf(graph, 4, true)),
};

const quantizerOf = (graph: GraphBuilder, bits: number, signed: boolean) => ({
  bits: graph.constant(Int32Array.of(bits), []),
  clip: floats(graph, 1.5),
  signed,
  learnsClip: true,
});

describe('a depthwise convolution that normalizes its input', () => {
  it.each(Object.keys(RANGES))('with %s is the normalization and then the convolution', (name) => {
    const range = RANGES[name] as (graph: GraphBuilder) => OutputRange;
    for (const { batch, ...of } of CASES) {
      const found = run(of, batch, together(of, range));
      const wanted = run(of, batch, apart(of, range));
      expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
      for (const [key, values] of wanted) {
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        values.forEach((value, index) => {
          const difference = Math.abs(value - (found.get(key)?.[index] as number));
          expect(difference, `${key}[${index}] of ${JSON.stringify(of)}`).toBeLessThan(1e-4 * largest);
        });
      }
    }
  });

  it('has gradients that match finite differences', () => {
    // Without a bend in the range: differences across it are not derivatives.
    const range = (graph: GraphBuilder) => ({
      ...{ low: floats(graph, -1e6), high: floats(graph, 1e6), step: floats(graph, 0) },
    });
    for (const of of [CASES[0], CASES[1]] as readonly Case[]) {
      expectGradientsToMatch({
        shapes: shapesOf(of, 2),
        value: sampleOf,
        emit: (graph, tensors) => {
          const { output, back } = together(of, range)(graph, tensors as Tensors);
          // What the running statistics become is no gradient.
          const gradients = (gradient: GraphTensor) => ({ ...back(gradient), mean: undefined, variance: undefined });
          return { output, gradients };
        },
      });
    }
  });

  it('is for one output a channel, 8 channels or more, 3 or 5 wide, without a bias', () => {
    const usual = operationOf(CASES[1] as Case);
    expect(canNormalizeItsInput(usual, 16)).toBe(true);
    expect(canNormalizeItsInput({ ...usual, outChannels: 32 }, 16)).toBe(false);
    expect(canNormalizeItsInput({ ...usual, groups: 1 }, 16)).toBe(false);
    expect(canNormalizeItsInput({ ...usual, groups: 4, outChannels: 4 }, 4)).toBe(false);
    expect(canNormalizeItsInput({ ...usual, kernelWidth: 7 }, 16)).toBe(false);
    expect(canNormalizeItsInput({ ...usual, bias: true }, 16)).toBe(false);
  });
});
