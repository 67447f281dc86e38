import { levelGradients, quantizeToLevels } from '@bitwright/quantizers';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestLevel } from './nearest-level.js';

const N = 500;

/** Runs the kernel and its gradient on fed values and levels. */
function createRunner(levelCount: number) {
  const graph = new GraphBuilder();
  const input = graph.placeholder('float32', [N]);
  const levels = graph.placeholder('float32', [levelCount]);
  const upstream = graph.placeholder('float32', [N]);
  const { output, backward } = nearestLevel(graph, input, levels);
  const back = backward(upstream);
  const session = createSession(graph);
  return (values: Float32Array, table: Float32Array, gradient: Float32Array) => {
    const feeds = [
      { target: input, values },
      { target: levels, values: table },
      { target: upstream, values: gradient },
    ];
    const [quantized, toInput, sums] = session.run(feeds, [output, back.input, back.sums]);
    return [quantized, toInput, sums].map((fetched) => fetched?.values as Float32Array) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
  };
}

const anyValues = fc
  .array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: N, maxLength: N })
  .map((values) => Float32Array.from(values, (value) => (Math.abs(value) < 1e-3 ? 0 : value)));

/** Ascending, at least a thousandth apart. */
const levelsOf = (count: number) =>
  fc
    .array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: count, maxLength: count })
    .map((steps) =>
      Float32Array.from(steps, (_, at) => steps.slice(0, at).reduce((sum, step) => sum + step + 1e-3, -2)),
    );

it.each([1, 2, 3, 16, 256])('the nearest of %i levels and its gradients are those of the quantizers', (count) => {
  const run = createRunner(count);
  fc.assert(
    fc.property(anyValues, levelsOf(count), anyValues, (values, levels, gradient) => {
      const [quantized, toInput, sums] = run(values, levels, gradient);
      const expected = quantizeToLevels(values, levels);
      const claimed = [...quantized].map((level) => levels.indexOf(level));
      // Half way between two levels the last bit decides.
      quantized.forEach((level, at) => {
        const value = values[at] as number;
        expect(Math.abs(level - value)).toBeLessThanOrEqual(Math.abs((expected[at] as number) - value) + 1e-5);
      });
      const from = (kind: number, of: (at: number) => number) =>
        levels.forEach((_, level) => {
          const sum = values.reduce((total, __, at) => total + (claimed[at] === level ? of(at) : 0), 0);
          expect(sums[kind * count + level]).toBeCloseTo(sum, 2);
        });
      from(0, (at) => gradient[at] as number);
      from(1, (at) => (gradient[at] as number) ** 2);
      from(2, (at) => values[at] as number);
      from(3, () => 1);
      if (count < 2 || !Number.isInteger(Math.log2(count))) return;
      const scores = new Float32Array(Math.log2(count)).fill(0.5);
      expect(toInput).toEqual(levelGradients(values, { levels, scores }, gradient, 0).values);
    }),
    { numRuns: 10 },
  );
});

it('of equal levels the first has all values', () => {
  const run = createRunner(4);
  const values = new Float32Array(N).fill(3);
  const [quantized, , sums] = run(values, Float32Array.of(0, 2, 2, 2), values);
  expect(new Set(quantized)).toEqual(new Set([2]));
  expect(Array.from(sums.subarray(12))).toEqual([0, N, 0, 0]);
});

it('levels that are not finite are refused', () => {
  const run = createRunner(2);
  const values = new Float32Array(N);
  expect(() => run(values, Float32Array.of(0, Number.NaN), values)).toThrow('finite');
});
