import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covarianceOf, weigh, weighedBy } from '../fixtures/covariances.js';
import { normalTensor } from '../fixtures/tensors.js';
import { type ChannelPoints, type PointSum, residualOf } from './channel-points.js';
import { fitChannel } from './fit-channel.js';
import { fitCodesToOutputs } from './fit-codes.js';
import { fitToOutputs } from './fit-coefficients.js';
import { outputVariance, relativeOutputErrors } from './output-error.js';
import { pointCodes } from './point-codes.js';
import { dot } from './vectors.js';
import type { Weighed } from './weighed.js';

const MOST = 4;
const SIZE = 18;

/** Neighbours that go together, as pixels do, and rectified. */
function inputsFrom(seed: number, count: number): readonly Float32Array[] {
  return Array.from({ length: count }, (_, index) => {
    const row = normalTensor(SIZE, seed + index);
    return row.map((value, at) => Math.max(0, value + 2 * (row[at - 1] ?? 0)));
  });
}

const inputs = inputsFrom(0, 300);
const covariance = covarianceOf(inputs);
const channel = normalTensor(SIZE, 1000);

const toOutputsOf = (weights: Float32Array, points: ChannelPoints, seen = covariance) =>
  fitToOutputs(weights, points, weighedBy(seen, weights, points));
const errorsOf = (weights: Float32Array, points: ChannelPoints, seen = covariance) =>
  relativeOutputErrors(weights, points, weighedBy(seen, weights, points));
const withCodes = (weights: Float32Array, start: PointSum, bits: number, seen = covariance) => {
  const [weighed] = weighedBy(seen, weights, [start]) as [Weighed];
  return fitCodesToOutputs(weights, start, { covariance: seen, weighed }, bits);
};

describe('fitting coefficients to outputs', () => {
  it('knows the variance of an output without going through the inputs', () => {
    const outputs = inputs.map((row) => row.reduce((sum, value, index) => sum + value * (channel[index] as number), 0));
    const mean = outputs.reduce((sum, value) => sum + value, 0) / outputs.length;
    const variance = outputs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / outputs.length;
    expect(outputVariance(channel, weigh(covariance, channel))).toBeCloseTo(variance, 3);
  });

  it.each([1, 2, 3])('leaves less of the outputs than fitting to the weights does, at %i bits', (bits) => {
    let [weights, outputs] = [0, 0];
    for (let seed = 0; seed < 20; seed += 1) {
      const one = normalTensor(SIZE, seed);
      const points = fitChannel(one, { bits, maximumPoints: MOST });
      const toWeights = errorsOf(one, points);
      const toOutputs = errorsOf(one, toOutputsOf(one, points));
      toOutputs.forEach((error, index) => {
        expect(error).toBeLessThanOrEqual((toWeights[index] as number) + 1e-9);
        weights += toWeights[index] as number;
        outputs += error;
      });
    }
    expect(outputs).toBeLessThan(0.99 * weights);
  });

  it('finds no error in the outputs of a layer that always reads the same', () => {
    const constant = covarianceOf(Array.from({ length: 5 }, () => Float32Array.of(3, 1)));
    const weights = Float32Array.of(0.3, -1);
    const points = toOutputsOf(weights, fitChannel(weights, { bits: 2, maximumPoints: 2 }), constant);
    expect(errorsOf(weights, points, constant)).toEqual(new Float64Array(2));
  });
});

describe('fitting codes to outputs', () => {
  const pointsOf = (weights: Float32Array, bits: number, count: number) =>
    toOutputsOf(weights, fitChannel(weights, { bits, maximumPoints: count }))[count - 1] as PointSum;

  /** What is left of the outputs, with the raised diagonal that codes are chosen by. */
  function leftOf(weights: Float32Array, sum: PointSum): number {
    const left = residualOf(weights, sum);
    const mean = Array.from({ length: SIZE }, (_, index) => covariance[index * (SIZE + 1)] as number).reduce(
      (total, value) => total + value / SIZE,
      0,
    );
    return dot(left, weigh(covariance, left)) + 0.01 * mean * dot(left, left);
  }

  it.each([
    [1, 2, 0.9],
    [2, 1, 0.93],
    [2, 2, 0.93],
    [3, 1, 0.93],
    [4, 1, 0.93],
  ])('at %i bits and %i points leaves less of outputs that it was not fitted to', (bits, count, most) => {
    const unseen = covarianceOf(inputsFrom(5000, 300));
    const channels = Array.from({ length: 40 }, (_, seed) => normalTensor(SIZE, 2000 + seed));
    const sumOfErrors = (find: (weights: Float32Array) => PointSum) =>
      channels.reduce((sum, one) => sum + (errorsOf(one, [find(one)], unseen)[0] as number), 0);
    const before = sumOfErrors((one) => pointsOf(one, bits, count));
    const after = sumOfErrors((one) => withCodes(one, pointsOf(one, bits, count), bits));
    expect(after).toBeLessThan(most * before);
  });

  it('never leaves more, keeps to the grid and leaves what it was given as it was', () => {
    const anyChannel = fc.float32Array({ minLength: SIZE, maxLength: SIZE, noNaN: true, min: -1e3, max: 1e3 });
    const anyShape = fc.record({ bits: fc.integer({ min: 1, max: 5 }), count: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(anyChannel, anyShape, (weights, { bits, count }) => {
        const start = pointsOf(weights, bits, count);
        const kept = structuredClone(start);
        const fitted = withCodes(weights, start, bits);
        const { lowest, highest, binary } = pointCodes(bits);
        expect(leftOf(weights, fitted)).toBeLessThanOrEqual(leftOf(weights, start) * (1 + 1e-9));
        for (const code of fitted.codes.flatMap((row) => [...row]))
          expect(binary ? Math.abs(code) === 1 : code >= lowest && code <= highest).toBe(true);
        expect(start).toEqual(kept);
      }),
    );
  });

  it('leaves points as they are where the layer always reads the same', () => {
    const start = pointsOf(channel, 2, 2);
    expect(withCodes(channel, start, 2, new Float64Array(SIZE * SIZE))).toEqual(start);
  });

  it('comes to the best codes there are, where all can be tried', () => {
    const weights = normalTensor(6, 7);
    const six = Float64Array.from({ length: 36 }, (_, at) => 0.9 ** Math.abs((at % 6) - Math.floor(at / 6)));
    const start = toOutputsOf(weights, fitChannel(weights, { bits: 2, maximumPoints: 1 }), six)[0] as PointSum;
    const found = errorsOf(weights, [withCodes(weights, start, 2, six)], six)[0] as number;
    let best = 1;
    for (let way = 0; way < 4 ** 6; way += 1) {
      const codes = Int8Array.from(weights, (_, index) => (Math.floor(way / 4 ** index) % 4) - 2);
      const sums = toOutputsOf(weights, [{ codes: [codes], coefficients: Float32Array.of(0) }], six);
      best = Math.min(best, errorsOf(weights, sums, six)[0] as number);
    }
    const before = errorsOf(weights, [start], six)[0] as number;
    expect(found).toBeLessThan(before);
    expect(found).toBeLessThan(2 * best);
  });
});
