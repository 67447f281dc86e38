import {
  createRandomSource,
  type Model,
  type Network,
  type NetworkNode,
  type Operation,
  type ParameterTensor,
  type RandomSource,
} from '@bitwright/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ActivationQuantization, exportQdq, type LayerQuantization } from '../index.js';
import { runNaively } from '../test-support/naive-network.js';
import { runOnnx, toChannelsFirst } from '../test-support/run-onnx.js';

const shape = (size: number, channels: number) => ({ height: size, width: size, channels });
const convolution = (outChannels: number, kernel: number, groups: number, bias: boolean): Operation => {
  const pad = (kernel - 1) / 2;
  return {
    kind: 'convolution',
    ...{ outChannels, groups, bias, kernelHeight: kernel, kernelWidth: kernel, strideHeight: 1, strideWidth: 1 },
    padding: { top: pad, left: pad, bottom: pad, right: pad },
  };
};
const nodes: NetworkNode[] = [
  { id: 'input', operation: { kind: 'input' }, inputs: [], output: shape(4, 2) },
  { id: 'whole', operation: convolution(4, 3, 1, true), inputs: ['input'], output: shape(4, 4) },
  { id: 'grouped', operation: convolution(6, 3, 2, false), inputs: ['whole'], output: shape(4, 6) },
  { id: 'relu', operation: { kind: 'relu' }, inputs: ['grouped'], output: shape(4, 6) },
  { id: 'depthwise', operation: convolution(6, 3, 6, true), inputs: ['relu'], output: shape(4, 6) },
  { id: 'pointwise', operation: convolution(3, 1, 1, false), inputs: ['depthwise'], output: shape(4, 3) },
  { id: 'flat', operation: { kind: 'flatten' }, inputs: ['pointwise'], output: shape(1, 48) },
  {
    id: 'classifier',
    operation: { kind: 'fully-connected', outFeatures: 5, bias: true },
    inputs: ['flat'],
    output: shape(1, 5),
  },
];
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  ...{ whole: [4, 2, 3, 3], grouped: [6, 2, 3, 3], depthwise: [6, 1, 3, 3], pointwise: [3, 6, 1, 1] },
  classifier: [5, 48],
};

type Points = Extract<LayerQuantization['weight'], { kind: 'multipoint' }>['points'];

function drawPoints(
  [channels = 1, ...inner]: readonly number[],
  most: number,
  bits: number,
  random: RandomSource,
): Points {
  const size = inner.reduce((product, length) => product * length, 1);
  const counts = Uint8Array.from({ length: channels }, () => 1 + random.integer(most));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const code = () => (bits === 1 ? 2 * random.integer(2) - 1 : random.integer(2 ** bits) - 2 ** (bits - 1));
  const codes = Int8Array.from({ length: total * size }, code);
  return { bits, counts, codes, coefficients: Float32Array.from({ length: total }, () => random.normal()) };
}

/** Sums the points by plain loops. */
function valuesOf({ counts, codes, coefficients }: Points, weightShape: readonly number[]): ParameterTensor {
  const size = codes.length / coefficients.length;
  const owners = Array.from(counts).flatMap((count, channel) => Array<number>(count).fill(channel));
  const values = new Float32Array(counts.length * size);
  owners.forEach((channel, point) => {
    for (let index = 0; index < size; index += 1)
      values[channel * size + index] =
        (values[channel * size + index] as number) +
        (coefficients[point] as number) * (codes[point * size + index] as number);
  });
  return { shape: weightShape, values };
}

it('computes in ONNX Runtime what the sums of points give, in layers of every kind, also packed in four bits', async () => {
  const cases = fc.record({
    seed: fc.nat(1e6),
    most: fc.integer({ min: 1, max: 4 }),
    bits: fc.integer({ min: 1, max: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, fc.boolean(), async ({ seed, most, bits }, int4) => {
      const random = createRandomSource(seed);
      const points = Object.entries(WEIGHTS).map(([id, size]) => [id, drawPoints(size, most, bits, random)] as const);
      const bias = (length: number) => ({
        shape: [length],
        values: Float32Array.from({ length }, () => random.normal()),
      });
      const parameters: Model['parameters'] = new Map<string, ParameterTensor>([
        ...points.map(([id, drawn]) => [`${id}.weight`, valuesOf(drawn, WEIGHTS[id] as number[])] as const),
        ...[...(['whole', 'depthwise', 'classifier'] as const)].map(
          (id) => [`${id}.bias`, bias(WEIGHTS[id]?.[0] ?? 1)] as const,
        ),
      ]);
      const network = { name: 'points', input: shape(4, 2), classes: 5, nodes };
      const layers = points.map(([node, drawn]): LayerQuantization => {
        return { node, weight: { kind: 'multipoint', points: drawn }, activation: { kind: 'float' } };
      });
      const image = Float32Array.from({ length: 32 }, () => random.normal());
      const channelsFirst = Float32Array.from(
        { length: 32 },
        (_, at) => image[(at % 16) * 2 + Math.floor(at / 16)] as number,
      );
      const outputs = await runOnnx(exportQdq({ network, parameters }, layers, { int4 }), channelsFirst, [2, 4, 4]);
      const expected = runNaively(network, parameters, image);
      const scale = Math.max(...expected.map(Math.abs));
      outputs.forEach((value, index) => {
        expect(Math.abs(value - (expected[index] as number))).toBeLessThanOrEqual(1e-4 * scale);
      });
    }),
    { numRuns: 40 },
  );
});

const ACTIVATIONS: readonly ActivationQuantization[] = [
  { kind: 'codebook', entries: Float32Array.of(-2, -0.5, 0, 0.25, 1, 3) },
  ...[1, 3, 8].flatMap((bits) =>
    [true, false].map((signed) => ({ kind: 'linear', bits, scale: 0.25, signed }) as const),
  ),
];

/** What a layer reads, on its grid. */
function quantize(activation: ActivationQuantization, values: Float64Array): Float64Array {
  if (activation.kind === 'float') return values;
  if (activation.kind === 'codebook') {
    const entries = Array.from(activation.entries);
    return values.map((value) =>
      entries.reduce((best, entry) => (Math.abs(entry - value) <= Math.abs(best - value) ? entry : best)),
    );
  }
  const { bits, scale, signed } = activation;
  if (bits === 1 && signed) return values.map((value) => (value >= 0 ? scale : -scale));
  const highest = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  return values.map((value) => scale * Math.min(highest, Math.max(signed ? -highest : 0, Math.round(value / scale))));
}

const KINDS: Readonly<Record<string, Operation>> = {
  whole: convolution(5, 3, 1, true),
  grouped: convolution(6, 3, 2, false),
  depthwise: convolution(4, 3, 4, true),
  pointwise: convolution(3, 1, 1, false),
};

/** One layer that reads the image, alone or before a classifier. */
function networkOf(kind: string): Network {
  const operation = KINDS[kind];
  const read = shape(4, 4);
  const outputs = operation?.kind === 'convolution' ? operation.outChannels : 4;
  const layer: NetworkNode[] =
    operation === undefined ? [] : [{ id: kind, operation, inputs: ['input'], output: shape(4, outputs) }];
  const nodes: NetworkNode[] = [
    { id: 'input', operation: { kind: 'input' }, inputs: [], output: read },
    ...layer,
    {
      ...{ id: 'flat', operation: { kind: 'flatten' }, inputs: [layer[0]?.id ?? 'input'] },
      output: shape(1, 16 * outputs),
    },
    {
      ...{ id: 'classifier', inputs: ['flat'], output: shape(1, 5) },
      operation: { kind: 'fully-connected', outFeatures: 5, bias: true },
    },
  ];
  return { name: 'one layer', input: read, classes: 5, nodes };
}

const weightShape = (operation: Operation, channels: number): readonly number[] =>
  operation.kind === 'convolution'
    ? [operation.outChannels, channels / operation.groups, operation.kernelHeight, operation.kernelWidth]
    : [5, 16 * channels];

it('multiplies the codes of what a layer reads, whatever they are, in integers where that is asked and a byte holds them', async () => {
  const cases = fc.record({
    seed: fc.nat(1e6),
    most: fc.integer({ min: 1, max: 3 }),
    bits: fc.integer({ min: 1, max: 7 }),
    activation: fc.constantFrom(...ACTIVATIONS),
    kind: fc.constantFrom(...Object.keys(KINDS), 'classifier'),
    int4: fc.boolean(),
    integerProducts: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ seed, most, bits, activation, kind, int4, integerProducts }) => {
      const random = createRandomSource(seed);
      const network = networkOf(kind);
      const drawn = network.nodes.flatMap(({ id, operation, inputs }) => {
        if (operation.kind !== 'convolution' && operation.kind !== 'fully-connected') return [];
        const channels = kind === 'classifier' || inputs[0] === 'input' ? 4 : (network.nodes[1]?.output.channels ?? 0);
        const size = weightShape(operation, channels);
        return [{ id, size, points: drawPoints(size, most, bits, random) }];
      });
      const parameters: Model['parameters'] = new Map<string, ParameterTensor>(
        drawn.flatMap(({ id, size, points }) => {
          const values = Float32Array.from({ length: size[0] as number }, () => random.normal());
          return [
            [`${id}.weight`, valuesOf(points, size)],
            [`${id}.bias`, { shape: [values.length], values: id in KINDS && !hasBias(id) ? values.fill(0) : values }],
          ] as const;
        }),
      );
      const layers = drawn.map(({ id, points }): LayerQuantization => {
        const reads = id === kind ? activation : ({ kind: 'float' } as const);
        return { node: id, weight: { kind: 'multipoint', points }, activation: reads };
      });
      // On the grid, and beyond its ends, so that no value lies where float32 and float64 round to different codes.
      const image = Float32Array.from({ length: 64 }, () => 0.25 * (random.integer(601) - 300));
      const file = exportQdq({ network, parameters }, layers, { int4, integerProducts });
      const outputs = await runOnnx(file, toChannelsFirst(image, 4, 4, 4), [4, 4, 4]);
      const expected = runNaively(network, parameters, image, (node, values) =>
        node === kind ? quantize(activation, values) : values,
      );
      const scale = Math.max(1, ...expected.map(Math.abs));
      outputs.forEach((value, index) => {
        expect(Math.abs(value - (expected[index] as number))).toBeLessThanOrEqual(1e-4 * scale);
      });
      const text = Buffer.from(file).toString('latin1');
      const isWhole = activation.kind === 'linear' && !(activation.bits === 1 && activation.signed);
      expect(/ConvInteger|MatMulInteger/.test(text)).toBe(integerProducts && isWhole);
    }),
    { numRuns: 100 },
  );
});

const hasBias = (kind: string) => {
  const operation = KINDS[kind];
  return operation?.kind === 'convolution' && operation.bias;
};
