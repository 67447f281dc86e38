import { createRandomSource, type Layer } from '@bitwright/core';
import { expect, test } from 'vitest';
import { decisionChoices } from '../allocation/decisions.js';
import { createNoiseModel, sensitivitiesBy, weightedNoise } from '../allocation/quantization-noise.js';
import { randomBits } from '../random/random-strategy.js';
import { createProblem, separableLayers } from '../testing/problems.js';
import { cholesky, solveLower, solveUpper } from './linear-algebra.js';
import { drawSensitivities } from './sensitivity-fit.js';

const problem = createProblem({
  layers: separableLayers(4),
  latencyRatio: 0.5,
  weightBits: [3, 4, 5, 6, 8],
  activationBits: [3, 4, 5, 6, 8],
});
const noise = createNoiseModel(problem);

test('with many measurements the sensitive group stands out', () => {
  const isSensitive = ({ kind }: Layer, role: string) => kind === 'depthwise' && role === 'activation';
  const truth = sensitivitiesBy(problem.layers, (layer, role) => (isSensitive(layer, role) ? 6 : 1));
  const random = createRandomSource(1);
  const choices = decisionChoices(problem.space);
  const losses = Array.from({ length: 80 }, () => {
    const bits = randomBits(choices, random);
    return { bits, loss: 0.3 * weightedNoise(noise, truth, bits) };
  });
  const draws = Array.from({ length: 20 }, () => drawSensitivities(problem, noise, { error: 0.005, losses }, random));
  const meanOf = (sensitive: boolean) => {
    const decisions = [...truth.keys()].filter((decision) => truth[decision] === (sensitive ? 6 : 1));
    const values = draws.flatMap((drawn) => decisions.map((decision) => drawn[decision] as number));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  expect(meanOf(true)).toBeGreaterThan(2 * meanOf(false));
});

test('with one measurement draws differ widely and stay within a factor of ten', () => {
  const random = createRandomSource(2);
  const losses = [{ bits: new Uint8Array(2 * problem.layers.length).fill(4), loss: 0.12 }];
  const drawn = Array.from({ length: 30 }, () =>
    drawSensitivities(problem, noise, { error: 0.005, losses }, random),
  ).flatMap((values) => [...values]);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.1);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(10);
  expect(Math.max(...drawn) / Math.min(...drawn)).toBeGreaterThan(5);
});

test('the triangular factors solve the system', () => {
  const matrix = [Float64Array.of(4, 2, 0.4), Float64Array.of(2, 5, 1), Float64Array.of(0.4, 1, 3)];
  const lower = cholesky(matrix);
  const solution = solveUpper(lower, solveLower(lower, Float64Array.of(1, 2, 3)));
  const product = matrix.map((row) => row.reduce((sum, value, index) => sum + value * (solution[index] as number), 0));
  expect(product).toEqual([1, 2, 3].map((value) => expect.closeTo(value, 12)));
});
