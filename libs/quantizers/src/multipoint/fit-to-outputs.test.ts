import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalTensor } from '../fixtures/tensors.js';
import { type PointSum, residualOf } from './channel-points.js';
import { createCovariance } from './covariance.js';
import { fitChannel } from './fit-channel.js';
import { fitCodesToOutputs } from './fit-codes.js';
import { dot, fitToOutputs, multiplySymmetric } from './fit-coefficients.js';
import { outputVariance, relativeOutputErrors } from './output-error.js';
import { pointCodes } from './point-codes.js';

const MOST = 4;
const SIZE = 18;

/** Neighbours that go together, as pixels do, and rectified. */
function inputsFrom(seed: number, count: number): readonly Float32Array[] {
  return Array.from({ length: count }, (_, index) => {
    const row = normalTensor(SIZE, seed + index);
    return row.map((value, at) => Math.max(0, value + 2 * (row[at - 1] ?? 0)));
  });
}

function covarianceOf(inputs: readonly Float32Array[]): Float64Array {
  const sums = createCovariance(SIZE);
  for (const row of inputs) sums.add(row);
  return sums.matrix();
}

const inputs = inputsFrom(0, 300);
const covariance = covarianceOf(inputs);
const channel = normalTensor(SIZE, 1000);

describe('fitting coefficients to outputs', () => {
  it('knows the variance of an output without going through the inputs', () => {
    const outputs = inputs.map((row) => row.reduce((sum, value, index) => sum + value * (channel[index] as number), 0));
    const mean = outputs.reduce((sum, value) => sum + value, 0) / outputs.length;
    const variance = outputs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / outputs.length;
    expect(outputVariance(channel, covariance)).toBeCloseTo(variance, 3);
  });

  it.each([1, 2, 3])('leaves less of the outputs than fitting to the weights does, at %i bits', (bits) => {
    let [weights, outputs] = [0, 0];
    for (let seed = 0; seed < 20; seed += 1) {
      const one = normalTensor(SIZE, seed);
      const points = fitChannel(one, { bits, maximumPoints: MOST });
      const toWeights = relativeOutputErrors(one, points, covariance);
      const toOutputs = relativeOutputErrors(one, fitToOutputs(one, points, covariance), covariance);
      toOutputs.forEach((error, index) => {
        expect(error).toBeLessThanOrEqual((toWeights[index] as number) + 1e-9);
        weights += toWeights[index] as number;
        outputs += error;
      });
    }
    expect(outputs).toBeLessThan(0.99 * weights);
  });

  it('finds no error in the outputs of a layer that always reads the same', () => {
    const constant = createCovariance(2);
    for (let row = 0; row < 5; row += 1) constant.add(Float32Array.of(3, 1));
    const weights = Float32Array.of(0.3, -1);
    const points = fitToOutputs(weights, fitChannel(weights, { bits: 2, maximumPoints: 2 }), constant.matrix());
    expect(relativeOutputErrors(weights, points, constant.matrix())).toEqual(new Float64Array(2));
  });
});

describe('fitting codes to outputs', () => {
  const pointsOf = (weights: Float32Array, bits: number, count: number) =>
    fitToOutputs(weights, fitChannel(weights, { bits, maximumPoints: count }), covariance)[count - 1] as PointSum;

  /** What is left of the outputs, with the raised diagonal that codes are chosen by. */
  function leftOf(weights: Float32Array, sum: PointSum): number {
    const left = residualOf(weights, sum);
    const mean = Array.from({ length: SIZE }, (_, index) => covariance[index * (SIZE + 1)] as number).reduce(
      (total, value) => total + value / SIZE,
      0,
    );
    return dot(left, multiplySymmetric(covariance, left)) + 0.01 * mean * dot(left, left);
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
    const errorsOf = (find: (weights: Float32Array) => PointSum) =>
      channels.reduce((sum, one) => sum + (relativeOutputErrors(one, [find(one)], unseen)[0] as number), 0);
    const before = errorsOf((one) => pointsOf(one, bits, count));
    const after = errorsOf((one) => fitCodesToOutputs(one, pointsOf(one, bits, count), covariance, bits));
    expect(after).toBeLessThan(most * before);
  });

  it('never leaves more, keeps to the grid and leaves what it was given as it was', () => {
    const anyChannel = fc.float32Array({ minLength: SIZE, maxLength: SIZE, noNaN: true, min: -1e3, max: 1e3 });
    const anyShape = fc.record({ bits: fc.integer({ min: 1, max: 5 }), count: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(anyChannel, anyShape, (weights, { bits, count }) => {
        const start = pointsOf(weights, bits, count);
        const kept = structuredClone(start);
        const fitted = fitCodesToOutputs(weights, start, covariance, bits);
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
    expect(fitCodesToOutputs(channel, start, new Float64Array(SIZE * SIZE), 2)).toEqual(start);
  });

  it('comes to the best codes there are, where all can be tried', () => {
    const weights = normalTensor(6, 7);
    const six = Float64Array.from({ length: 36 }, (_, at) => 0.9 ** Math.abs((at % 6) - Math.floor(at / 6)));
    const start = fitToOutputs(weights, fitChannel(weights, { bits: 2, maximumPoints: 1 }), six)[0] as PointSum;
    const found = relativeOutputErrors(weights, [fitCodesToOutputs(weights, start, six, 2)], six)[0] as number;
    let best = 1;
    for (let way = 0; way < 4 ** 6; way += 1) {
      const codes = Int8Array.from(weights, (_, index) => (Math.floor(way / 4 ** index) % 4) - 2);
      const sums = fitToOutputs(weights, [{ codes: [codes], coefficients: Float32Array.of(0) }], six);
      best = Math.min(best, relativeOutputErrors(weights, sums, six)[0] as number);
    }
    const before = relativeOutputErrors(weights, [start], six)[0] as number;
    expect(found).toBeLessThan(before);
    expect(found).toBeLessThan(2 * best);
  });
});
