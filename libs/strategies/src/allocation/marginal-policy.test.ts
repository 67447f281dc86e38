import { createRandomSource } from '@bitwright/core';
import { expect, test } from 'vitest';
import { randomBits } from '../random/random-strategy.js';
import { createProblem, type LayerLatency, separableLayers } from '../testing/problems.js';
import { secretSensitivities } from '../testing/toy-accuracy.js';
import { fillBudget } from './fill-budget.js';
import { marginalPolicy } from './marginal-policy.js';
import { createPricing } from './pricing.js';
import { createNoiseModel, evenSensitivities, weightedNoise } from './quantization-noise.js';
import { uniformPolicies } from './uniform-policies.js';

const layers = separableLayers(3);
const even = evenSensitivities(layers.length);

test.each([0.3, 0.45, 0.6])(
  'at %d of the latency it fits, and adds less noise than the best uniform policy',
  async (latencyRatio) => {
    const problem = createProblem({ layers, latencyRatio });
    const [pricing, noise] = [await createPricing(problem), createNoiseModel(problem)];
    const bits = await marginalPolicy(pricing, noise, even);
    expect(pricing.fits(bits)).toBe(true);
    const uniform = uniformPolicies(pricing.problem.space, noise).find((candidate) => pricing.fits(candidate));
    expect(weightedNoise(noise, even, bits)).toBeLessThan(0.5 * weightedNoise(noise, even, uniform as Uint8Array));
  },
);

test('where weight bits cost next to nothing, as in depthwise layers, it keeps them', async () => {
  const problem = createProblem({ layers, latencyRatio: 0.4 });
  const bits = await marginalPolicy(await createPricing(problem), createNoiseModel(problem), even);
  const depthwise = layers.filter(({ kind }) => kind === 'depthwise');
  for (const { index } of depthwise) {
    expect(bits[2 * index]).toBeGreaterThanOrEqual(7);
    expect(bits[2 * index + 1]).toBeLessThan(bits[2 * index] as number);
  }
});

test('it comes within 2 % of the least noise there is, found by trying all policies', async () => {
  const few = separableLayers(1).slice(0, 3);
  const problem = createProblem({
    layers: few,
    latencyRatio: 0.4,
    weightBits: [2, 3, 4, 6, 8],
    activationBits: [2, 3, 4, 6, 8],
  });
  const [pricing, noise] = [await createPricing(problem), createNoiseModel(problem)];
  const sensitivities = secretSensitivities(problem, 2, 1);
  let least = Number.POSITIVE_INFINITY;
  for (let code = 0; code < 5 ** 6; code += 1) {
    const bits = Uint8Array.from(
      pricing.choices,
      (choices, decision) => choices[Math.floor(code / 5 ** decision) % 5] as number,
    );
    if (pricing.total(bits).every((share) => share <= 1))
      least = Math.min(least, weightedNoise(noise, sensitivities, bits));
  }
  const found = weightedNoise(noise, sensitivities, await marginalPolicy(pricing, noise, sensitivities));
  expect(found).toBeLessThan(1.02 * least);
});

test('all constraints hold at once', async () => {
  for (const sizeRatio of [0.2, 0.4, 0.8]) {
    const pricing = await createPricing(createProblem({ layers, latencyRatio: 0.4, sizeRatio }));
    expect(pricing.fits(await marginalPolicy(pricing, createNoiseModel(pricing.problem), even))).toBe(true);
  }
});

test('it lowers both operands of a layer where the hardware runs both at the wider one', async () => {
  const latency: LayerLatency = ({ macs }, weightBits, activationBits) => macs * Math.max(weightBits, activationBits);
  const problem = createProblem({ layers, latency, latencyRatio: 0.6, weightBits: [4, 8], activationBits: [4, 8] });
  const pricing = await createPricing(problem);
  const bits = await marginalPolicy(pricing, createNoiseModel(problem), even);
  expect(pricing.fits(bits)).toBe(true);
  for (const { index } of layers) expect(bits[2 * index]).toBe(bits[2 * index + 1]);
});

test('without constraints it is all bits everywhere', async () => {
  const problem = createProblem({ layers });
  const bits = await marginalPolicy(await createPricing(problem), createNoiseModel(problem), even);
  expect(new Set(bits)).toEqual(new Set([8]));
});

test('filling raises bits, never lowers any, stays in the budget and leaves no raise that would fit', async () => {
  const problem = createProblem({ layers, latencyRatio: 0.5, sizeRatio: 0.6, pin: 'first-last' });
  const [pricing, noise] = [await createPricing(problem), createNoiseModel(problem)];
  const random = createRandomSource(3);
  for (let trial = 0; trial < 50; trial += 1) {
    const before = randomBits(pricing.choices, random);
    if (!pricing.fits(before)) continue;
    const after = await fillBudget(pricing, noise, even, before);
    expect(after.every((bits, decision) => bits >= (before[decision] as number))).toBe(true);
    expect(pricing.fits(after)).toBe(true);
    pricing.choices.forEach((choices, decision) => {
      const next = choices.find((choice) => choice > (after[decision] as number));
      const raised = after.slice();
      if (next !== undefined) raised[decision] = next;
      expect(next === undefined || !pricing.fits(raised)).toBe(true);
    });
  }
});

test('a width that the hardware cannot run does not keep it from spending the budget', async () => {
  const bits = [2, 4, 6, 8];
  const priced = createProblem({ layers, latencyRatio: 0.5, activationBits: bits });
  const problem = { ...createProblem({ layers, activationBits: [...bits, 32] }), constraints: priced.constraints };
  const [pricing, noise] = [await createPricing(problem), createNoiseModel(problem)];
  const found = await marginalPolicy(pricing, noise, even);
  expect(pricing.fits(found)).toBe(true);
  expect(pricing.total(found)[0]).toBeGreaterThan(0.9);
});
