import { fakeQuantize, fakeQuantizePerChannel, linearGrid, linearGrids } from '@bitwright/quantizers';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floats } from './arithmetic.js';
import { quantizeActivation, quantizeBinary } from './quantize-activation.js';
import { quantizeWeight } from './quantize-weight.js';

const N = 64;
const anyBits = fc.integer({ min: 1, max: 8 });
/** TensorFlow flushes denormal numbers to zero, so the smallest values here are exact zeros. */
const anyValues = fc
  .array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: N, maxLength: N })
  .map((values) => Float32Array.from(values, (value) => (Math.abs(value) < 1e-3 ? 0 : value)));
const anyClip = fc.float({ min: 0.125, max: 6, noNaN: true });

/** Runs an activation quantizer whose bits and threshold are fed. */
function activationQuantizer(signed: boolean) {
  const graph = new GraphBuilder();
  const [input, clip, bits, upstream] = [
    graph.placeholder('float32', [N]),
    graph.placeholder('float32', []),
    graph.placeholder('int32', []),
    graph.placeholder('float32', [N]),
  ];
  const quantized = quantizeActivation(graph, input, { bits, clip, signed, learnsClip: true });
  const back = quantized.backward(upstream);
  const session = createSession(graph);
  return (values: Float32Array, threshold: number, bitCount: number, gradient: Float32Array) => {
    const feeds = [
      { target: input, values },
      { target: clip, values: Float32Array.of(threshold) },
      { target: bits, values: Int32Array.of(bitCount) },
      { target: upstream, values: gradient },
    ];
    const [output, toInput, toClip] = session.run(feeds, [quantized.output, back.input, back.clip as GraphTensor]);
    return {
      output: output?.values as Float32Array,
      input: toInput?.values as Float32Array,
      clip: toClip?.values[0] as number,
    };
  };
}

/** Values whose rounding is not a tie; there the last bit of the step decides, which is not specified. */
function awayFromTies(values: Float32Array, step: number): Float32Array {
  return values.map((value) => (Math.abs(Math.abs((value / step) % 1) - 0.5) < 1e-3 ? value + step / 4 : value));
}

describe('fake quantization of activations', () => {
  it.each([true, false])('gives what the quantizers give, signed %s', (signed) => {
    const run = activationQuantizer(signed);
    const lowestBits = signed ? 2 : 1;
    fc.assert(
      fc.property(anyValues, anyClip, fc.integer({ min: lowestBits, max: 8 }), (values, clip, bits) => {
        const grid = linearGrid(clip, bits, signed);
        const safe = awayFromTies(values, grid.scale);
        const { output } = run(safe, clip, bits, new Float32Array(N));
        const expected = fakeQuantize(safe, grid);
        output.forEach((value, index) => {
          expect(value).toBeCloseTo(expected[index] as number, 4);
        });
      }),
      { numRuns: 50 },
    );
  });

  it.each([true, false])(
    'passes the gradient inside the range and gives the rest to the threshold, signed %s',
    (signed) => {
      const run = activationQuantizer(signed);
      fc.assert(
        fc.property(anyValues, anyClip, anyValues, (values, clip, gradient) => {
          const back = run(values, clip, 4, gradient);
          let toClip = 0;
          values.forEach((value, index) => {
            const inside = value >= (signed ? -clip : 0) && value <= clip;
            const upstream = gradient[index] as number;
            // Right at the ends either answer is right.
            if (Math.abs(Math.abs(value) - clip) > 1e-3 && value !== 0)
              expect(back.input[index]).toBeCloseTo(inside ? upstream : 0, 6);
            if (value > clip) toClip += upstream;
            if (signed && value < -clip) toClip -= upstream;
          });
          if (values.every((value) => Math.abs(Math.abs(value) - clip) > 1e-3))
            expect(back.clip).toBeCloseTo(toClip, 3);
        }),
        { numRuns: 50 },
      );
    },
  );

  it('at one signed bit gives the sign times the threshold', () => {
    const graph = new GraphBuilder();
    const input = graph.placeholder('float32', [4]);
    const { output } = quantizeBinary(graph, input, floats(graph, 0.5));
    using session = createSession(graph);
    const run = session.run([{ target: input, values: Float32Array.of(-3, -0.1, 0, 0.1) }], [output]);
    expect(Array.from(run[0]?.values ?? [])).toEqual([-0.5, -0.5, 0.5, 0.5]);
  });
});

describe('fake quantization of weights', () => {
  const graph = new GraphBuilder();
  const [weight, scale, levels, upstream] = [
    graph.placeholder('float32', [N / 4, 4]),
    graph.placeholder('float32', [4]),
    graph.placeholder('float32', [5]),
    graph.placeholder('float32', [N / 4, 4]),
  ];
  const parts = graph.operation('Unpack', {
    inputs: [levels],
    attributes: { T: { type: 'float32' }, num: { int: 5 }, axis: { int: 0 } },
    outputs: Array.from({ length: 5 }, () => ({ shape: [] })),
  });
  const [lowest, highest, offset, passFrom, passTo] = parts as [
    GraphTensor,
    GraphTensor,
    GraphTensor,
    GraphTensor,
    GraphTensor,
  ];
  const quantized = quantizeWeight(graph, weight, { scale, lowest, highest, offset, passFrom, passTo });
  const back = quantized.backward(upstream).input;
  const session = createSession(graph);

  it('gives what the quantizers give, per channel, one bit included', () => {
    const anyThresholds = fc.array(fc.float({ min: 0.25, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(anyValues, anyThresholds, anyBits, (values, thresholds, bits) => {
        const grids = linearGrids(thresholds, bits, true);
        const binary = bits === 1;
        const [grid] = grids;
        const scales = Float32Array.from(grids, (entry) => (binary ? 2 * entry.scale : entry.scale));
        const codes = binary
          ? [-1, 0, 0.5, -3e38, 3e38]
          : [grid?.lowest ?? 0, grid?.highest ?? 0, 0, grid?.lowest ?? 0, grid?.highest ?? 0];
        const feeds = [
          { target: weight, values },
          { target: scale, values: scales },
          { target: levels, values: Float32Array.from(codes) },
          { target: upstream, values: new Float32Array(N).fill(1) },
        ];
        const [output, gradient] = session.run(feeds, [quantized.output, back]);
        const expected = fakeQuantizePerChannel(channelsFirst(values), grids);
        const found = channelsFirst(output?.values as Float32Array);
        found.forEach((value, index) => {
          expect(value).toBeCloseTo(expected[index] as number, 5);
        });
        values.forEach((value, index) => {
          const threshold = thresholds[index % 4] as number;
          if (binary || Math.abs(value) < threshold * 0.999) expect(gradient?.values[index]).toBe(1);
          else if (Math.abs(value) > threshold * 1.001) expect(gradient?.values[index]).toBe(0);
        });
      }),
      { numRuns: 50 },
    );
  });
});

/** 16 x 4 to 4 x 16: the quantizers have channels first, TensorFlow last. */
function channelsFirst(values: Float32Array): Float32Array {
  return Float32Array.from(
    { length: N },
    (_, index) => values[(index % (N / 4)) * 4 + Math.floor(index / (N / 4))] as number,
  );
}
