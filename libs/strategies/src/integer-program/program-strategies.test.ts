import {
  createRandomSource,
  fitsBudget,
  isInSpace,
  policyHash,
  type SearchProblem,
  type SensitivityReport,
  shareOf,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { toBits } from '../allocation/decisions.js';
import { marginalPolicy } from '../allocation/marginal-policy.js';
import { createPricing } from '../allocation/pricing.js';
import { createNoiseModel, weightedNoise } from '../allocation/quantization-noise.js';
import { findStrategy } from '../registry.js';
import { createProblem, type ProblemOptions, separableLayers } from '../testing/problems.js';
import { createSensitivity } from '../testing/sensitivities.js';
import { secretSensitivities } from '../testing/toy-accuracy.js';

const layers = separableLayers(3);
const withSensitivity = (options: Partial<ProblemOptions> = {}): SearchProblem => {
  const problem = createProblem({ layers, latencyRatio: 0.4, sizeRatio: 0.5, pin: 'first-last', ...options });
  return { ...problem, sensitivity: createSensitivity(problem) };
};
const create = (name: string, problem: SearchProblem, options = {}) =>
  findStrategy(name).create({ problem, random: createRandomSource(1), options });
const solve = async (name: string, problem: SearchProblem, options = {}) => {
  const solved = await findStrategy(name).solve?.({ problem, options });
  if (solved === undefined) throw new Error(`${name} does not solve`);
  return solved;
};

it('ompq whose bits gain by the noise that they remove gives the last layers no more than they need', async () => {
  const problem = withSensitivity();
  const widest = async (gain: string) => {
    const { policy } = await solve('ompq', problem, { gain });
    return policy.layers.slice(1, -1).map(({ weightBits }) => weightBits);
  };
  const [linear, noise] = [await widest('linear'), await widest('noise')];
  const extremes = (bits: readonly number[]) => bits.filter((width) => width === 1 || width === 8).length;
  // A linear objective ends at a corner; the noise that is left falls by four with each bit.
  expect(extremes(linear)).toBeGreaterThan(extremes(noise));
});

describe.each(['ompq', 'sensitivity'])('%s', (name) => {
  it('proposes policies of the space that fit, each once, its solution first, then cheaper ones and neighbours', async () => {
    const problem = withSensitivity();
    const proposals = await create(name, problem).ask(12);
    expect(proposals).toHaveLength(12);
    expect(new Set(proposals.map(({ policy }) => policyHash(policy))).size).toBe(12);
    for (const { policy } of proposals) {
      expect(isInSpace(problem.space, policy) && fitsBudget(problem.cost(policy), problem.constraints)).toBe(true);
    }
    const origins = proposals.map(({ origin }) => origin);
    expect(origins[0]).toBe('solution');
    expect(new Set(origins)).toEqual(new Set(['solution', 'cheaper', 'neighbour']));
    expect(proposals[0]?.policy).toEqual((await solve(name, problem)).policy);
  });

  it('goes on from a snapshot as if nothing had happened', async () => {
    const problem = withSensitivity();
    const original = create(name, problem);
    await original.ask(5);
    const copy = create(name, problem);
    copy.restore(original.snapshot());
    expect(await copy.ask(3)).toEqual(await original.ask(3));
  });

  it('refuses bytes that are no snapshot of its own', () => {
    const strategy = create(name, withSensitivity());
    for (const length of [0, 7, 9]) {
      const refused = expect.objectContaining({ kind: 'data_loss' });
      expect(() => strategy.restore(new Uint8Array(length).fill(3))).toThrow(refused);
    }
  });

  it('is made without a sensitivity, to have its options checked, and says what is missing when asked', async () => {
    const strategy = create(name, createProblem({ layers }));
    await expect(strategy.ask(1)).rejects.toMatchObject({ reason: 'NOT_MEASURED' });
  });

  it('proposes what the search knows to fit where its program has no solution', async () => {
    const problem = withSensitivity();
    const unpriced = {
      ...problem,
      constraints: problem.constraints.map((limit) => ({ ...limit, limit: limit.smallest })),
    };
    const fitting = { ...unpriced, constraints: unpriced.constraints.slice(0, 1) };
    const [proposal] = await create(name, fitting).ask(1);
    expect(fitsBudget(problem.cost(proposal?.policy as never), fitting.constraints)).toBe(true);
  });

  it('fits, too, where prices are no sums over layers', async () => {
    const problem = withSensitivity({ sizeRatio: 0.9 });
    const waiting = (policy: Parameters<SearchProblem['cost']>[0]) => {
      const cost = problem.cost(policy);
      const switches = policy.layers.filter(({ weightBits }, at) => weightBits !== policy.layers[at - 1]?.weightBits);
      return { ...cost, latencyMs: (cost.latencyMs ?? 0) * (1 + 0.02 * switches.length) };
    };
    const proposals = await create(name, { ...problem, cost: waiting }).ask(4);
    expect(proposals.length).toBeGreaterThan(0);
    for (const { policy } of proposals) expect(fitsBudget(waiting(policy), problem.constraints)).toBe(true);
  });

  it('solves with a price for each limit: none for one with room, and some for one that binds', async () => {
    const problem = withSensitivity({ latencyRatio: 0.3, sizeRatio: 1 });
    const { policy, shadowPrices, objective } = await solve(name, problem);
    const shares = problem.constraints.map((constraint) => shareOf(problem.cost(policy), constraint));
    expect(shares.every((share) => share <= 1)).toBe(true);
    expect(shadowPrices).toHaveLength(2);
    expect(shadowPrices[0]).toBeGreaterThan(0);
    expect(shadowPrices[1]).toBe(0);
    expect(Number.isFinite(objective.value)).toBe(true);
  });
});

describe('sensitivity', () => {
  it('predicts no more loss than the greedy walk with the same knowledge, and as much as its policy adds up to', async () => {
    const problem = withSensitivity();
    const pricing = await createPricing(problem);
    const [noise, secrets] = [createNoiseModel(problem), secretSensitivities(problem)];
    const loss = (bits: Uint8Array) => 0.05 * weightedNoise(noise, secrets, bits);
    const { policy, predictedLossIncrease, objective } = await solve('sensitivity', problem);
    expect(predictedLossIncrease).toBeCloseTo(loss(toBits(policy)), 9);
    expect(objective.value).toBeCloseTo(predictedLossIncrease as number, 9);
    expect(objective.value).toBeLessThanOrEqual(loss(await marginalPolicy(pricing, noise, secrets)) + 1e-12);
  });

  it('counts fewer bits as never better than more, whatever sampling says', async () => {
    const problem = withSensitivity({ latencyRatio: 1, sizeRatio: 1, pin: 'none' });
    const report = problem.sensitivity as SensitivityReport;
    const increases = report.increases.map((table) => ({
      ...table,
      layers: table.layers.map(({ weights, activations }) => ({
        weights: weights.map((_, index) => (index === 1 ? -5 : 1)),
        activations: activations.map((value, index) => (index === 0 ? Number.POSITIVE_INFINITY : value)),
      })),
    }));
    const noisy = { ...problem, sensitivity: { ...report, increases } };
    const { objective } = await solve('sensitivity', noisy);
    expect(objective.value).toBeGreaterThanOrEqual(layers.length);
  });

  it.each(['loss-increase', 'output-divergence', 'hessian-trace', 'fisher'])(
    'asks for %s to be measured',
    (measure) => {
      expect(findStrategy('sensitivity').measures?.({ measure })).toEqual([measure]);
    },
  );

  it('refuses a measure that there is not', () => {
    expect(() => findStrategy('sensitivity').measures?.({ measure: 'guess' })).toThrow(
      /measure: is "guess"; use one of/,
    );
  });
});

describe('ompq', () => {
  it('fixes all activations at one width', async () => {
    const { policy } = await solve('ompq', withSensitivity());
    expect(new Set(policy.layers.slice(1, -1).map(({ activationBits }) => activationBits)).size).toBe(1);
  });

  it('leaves activations at the most bits under a limit of size alone', async () => {
    const problem = createProblem({ layers, sizeRatio: 0.5 });
    const { policy } = await solve('ompq', { ...problem, sensitivity: createSensitivity(problem) });
    expect(policy.layers.every(({ activationBits }) => activationBits === 8)).toBe(true);
  });

  it('takes the width that is asked for', async () => {
    const { policy } = await solve('ompq', withSensitivity(), { activationBits: 3 });
    expect(policy.layers[1]?.activationBits).toBe(3);
  });

  it.each(['linear', 'noise'])('gives more bits to what is more important where sizes are equal: %s', async (gain) => {
    const equal = separableLayers(3).filter(({ kind }) => kind === 'pointwise');
    const renumbered = equal.map((layer, index) => ({ ...layer, index }));
    const problem = createProblem({ layers: renumbered, sizeRatio: 0.6 });
    const orthogonality = [
      [1, 0.9, 0.1],
      [0.9, 1, 0.1],
      [0.1, 0.1, 1],
    ];
    const sensitivity = { ...createSensitivity(problem), orthogonality };
    const { policy } = await solve('ompq', { ...problem, sensitivity }, { beta: 5, gain });
    const bits = policy.layers.map(({ weightBits }) => weightBits);
    expect(bits[2]).toBeGreaterThan(bits[0] as number);
    if (gain === 'linear') expect(bits[2]).toBe(8);
    expect(bits[0]).toBeLessThanOrEqual(bits[1] as number);
  });

  it('as the reference needs a size limit, measures nothing, and fits it', async () => {
    const sized = createProblem({ layers, sizeRatio: 0.45 });
    expect(findStrategy('ompq').measures?.({ solver: 'reference' })).toEqual([]);
    const proposals = await create('ompq', sized, { solver: 'reference' }).ask(5);
    expect(proposals.map(({ origin }) => origin)).toEqual(new Array(5).fill('reference'));
    for (const { policy } of proposals) expect(fitsBudget(sized.cost(policy), sized.constraints)).toBe(true);
    const refused = expect.objectContaining({ kind: 'invalid_argument' });
    expect(() => create('ompq', createProblem({ layers }), { solver: 'reference' })).toThrow(refused);
  });

  it('explains itself by gamma, theta and importance of every layer', () => {
    const { columns, warnings } = findStrategy('ompq').explain?.(createSensitivity(withSensitivity()), {}) ?? {};
    expect(Object.keys(columns ?? {})).toEqual(['gamma', 'theta', 'importance']);
    expect(columns?.['gamma']).toHaveLength(layers.length);
    expect(warnings).toEqual([]);
  });
});
