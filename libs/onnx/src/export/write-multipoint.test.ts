import {
  createRandomSource,
  type Model,
  type NetworkNode,
  type Operation,
  type ParameterTensor,
  type RandomSource,
} from '@bitwright/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exportQdq, type LayerQuantization } from '../index.js';
import { runNaively } from '../test-support/naive-network.js';
import { runOnnx } from '../test-support/run-onnx.js';

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
  const highest = Math.max(1, 2 ** (bits - 1) - 1);
  const code = () => (bits === 1 ? 2 * random.integer(2) - 1 : random.integer(2 * highest + 1) - highest);
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
