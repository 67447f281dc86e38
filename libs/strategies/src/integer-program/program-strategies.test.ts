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
import { layerImportance } from '../ompq/importance.js';
import { findStrategy } from '../registry.js';
import { createProblem, type ProblemOptions, separableLayers } from '../testing/problems.js';
import { createSensitivity } from '../testing/sensitivities.js';
import { secretSensitivities } from '../testing/toy-accuracy.js';

const layers = separableLayers(3);
const withSensitivity = (options: Partial<ProblemOptions> = {}): SearchProblem => {
  const problem = createProblem({ layers, latencyRatio: 0.4, sizeRatio: 0.5, pin: 'first-last', ...options });
  return { ...problem, sensitivity: createSensitivity(problem) };
};
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};
const create = (name: string, problem: SearchProblem, options = {}) =>
  findStrategy(name).create({ problem, random: createRandomSource(1), options });
const solve = async (name: string, problem: SearchProblem, options = {}) => {
  const solved = await findStrategy(name).solve?.({ problem, options });
  if (solved === undefined) throw new Error(`${name} does not solve`);
  return solved;
};

/** The least sum over the layers, by trying all weight bits that fit; activations have one width. */
function leastByTrying(problem: SearchProblem, value: (layer: number, weightBits: number) => number): number {
  const [activationBits] = problem.space.layers[0]?.activationBits ?? [];
  const free = problem.space.layers.map(({ weightBits }) => weightBits);
  let least = Number.POSITIVE_INFINITY;
  const walk = (chosen: readonly number[]) => {
    const choices = free[chosen.length];
    if (choices !== undefined) return choices.forEach((bits) => void walk([...chosen, bits]));
    const bits = chosen.map((weightBits) => ({ weightBits, activationBits: activationBits as number }));
    if (!fitsBudget(problem.cost({ ...problem.fitting, layers: bits }), problem.constraints)) return;
    least = Math.min(
      least,
      chosen.reduce((sum, width, layer) => sum + value(layer, width), 0),
    );
  };
  walk([]);
  return least;
}

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

  it('spends no trial under a limit of size alone on other activations of the same weights', async () => {
    const problem = createProblem({ layers, sizeRatio: 0.5, pin: 'first-last' });
    const proposals = await create(name, { ...problem, sensitivity: createSensitivity(problem) }).ask(12);
    expect(proposals.map(({ origin }) => origin).slice(0, 3)).toEqual(['solution', 'cheaper', 'neighbour']);
    const weights = proposals.map(({ policy }) => policy.layers.map(({ weightBits }) => weightBits).join());
    expect(new Set(weights).size).toBe(12);
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

  it('is the best there is, too, where a width destroys the network and nothing else does any harm', async () => {
    const options = { latencyRatio: 1, sizeRatio: 0.5, weightBits: [1, 2, 4, 6, 8], activationBits: [8] } as const;
    const problem = withSensitivity({ ...options, layers: layers.slice(0, 5), pin: 'none' });
    const report = problem.sensitivity as SensitivityReport;
    const harm = (layer: number, bits: number) => 1e-8 * (1 + (layer % 3)) * 4 ** -bits;
    const increases = report.increases.map((table) => ({
      ...table,
      layers: table.layers.map(({ activations }, layer) => ({
        weights: report.weightBits.map((bits) => (layer === 0 && bits === 1 ? Number.NaN : harm(layer, bits))),
        activations: activations.map(() => 0),
      })),
    }));
    const { objective } = await solve('sensitivity', { ...problem, sensitivity: { ...report, increases } });
    const least = leastByTrying(problem, (layer, bits) => (layer === 0 && bits === 1 ? 1 : harm(layer, bits)));
    expect(objective.value / least).toBeCloseTo(1, 6);
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

  it('tries every width of the activations where a limit is on operations', async () => {
    const proposals = await create('ompq', withSensitivity()).ask(12);
    const solutions = proposals.filter(({ origin }) => origin === 'solution');
    const widths = solutions.map(({ policy }) => policy.layers[1]?.activationBits);
    expect(new Set(widths).size).toBe(solutions.length);
    expect(solutions.length).toBeGreaterThan(1);
  });

  it('takes the width that is asked for', async () => {
    const { policy } = await solve('ompq', withSensitivity(), { activationBits: 3 });
    expect(policy.layers[1]?.activationBits).toBe(3);
  });

  it.each([{}, { solver: 'reference' }])(
    'refuses a width with which the budget is out of reach, with the smallest value that can be reached: %o',
    (options) => {
      const problem = withSensitivity({ latencyRatio: 0.2 });
      const refused = expect.objectContaining({
        ...{ kind: 'failed_precondition', reason: 'BUDGET_INFEASIBLE' },
        message: expect.stringMatching(
          /^activationBits is 8, with which latency<=[0-9.]+x .* smallest reachable latency is/,
        ),
        violations: [expect.objectContaining({ field: 'spec.strategy.options.activationBits' })],
      });
      expect(() => create('ompq', problem, { ...options, activationBits: 8 })).toThrow(refused);
      const [, ratio] =
        /\(([0-9.]+)x of 8 bit/.exec(messageOf(() => create('ompq', problem, { activationBits: 8 }))) ?? [];
      const reachable = withSensitivity({ latencyRatio: Number(ratio) });
      expect(() => create('ompq', reachable, { ...options, activationBits: 8 })).not.toThrow();
      const justBelow = withSensitivity({ latencyRatio: Number(ratio) - 2e-4 });
      expect(() => create('ompq', justBelow, { ...options, activationBits: 8 })).toThrow(refused);
    },
  );

  it('refuses a width with which limits can be met one by one alone, and so does its resolving', async () => {
    // Time grows with what is narrow, size with what is wide.
    const problem = withSensitivity({ layers: layers.slice(0, 4), latencyRatio: 1, sizeRatio: 1, pin: 'none' });
    const cost = (policy: Parameters<SearchProblem['cost']>[0]) => {
      const priced = problem.cost(policy);
      const narrow = policy.layers.filter(({ weightBits }) => weightBits < 5).length;
      return { ...priced, latencyMs: narrow, sizeBytes: 4 - narrow };
    };
    const constraints = problem.constraints.map((limit) => ({ ...limit, limit: 1.5 }));
    const apart = { ...problem, cost, constraints };
    const refused = { reason: 'BUDGET_INFEASIBLE', message: expect.stringMatching(/^activationBits is 8, with which/) };
    await expect(create('ompq', apart, { activationBits: 8 }).ask(1)).rejects.toMatchObject(refused);
    await expect(solve('ompq', apart, { activationBits: 8 })).rejects.toMatchObject(refused);
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

  it.each([
    ['linear', 100],
    ['noise', 100],
    ['linear', 1000],
    ['noise', 1000],
  ] as const)('is the best there is and spends the budget, however large beta is: %s, %d', async (gain, beta) => {
    const problem = createProblem({ layers, sizeRatio: 0.8, weightBits: [2, 4, 8], activationBits: [8] });
    // Only the first layer's output is its own.
    const likeness = (i: number, j: number) => (i === j ? 1 : i === 0 || j === 0 ? 0.1 : 0.9 + (i + j) / 1000);
    const orthogonality = layers.map((_, i) => layers.map((_, j) => likeness(i, j)));
    const sensitivity = { ...createSensitivity(problem), orthogonality };
    const { policy, objective } = await solve('ompq', { ...problem, sensitivity }, { beta, gain });
    const { importance } = layerImportance(orthogonality, beta);
    const gainOf = (bits: number) => (gain === 'linear' ? bits : -(4 ** -bits));
    const least = leastByTrying(problem, (layer, bits) => -(importance[layer] as number) * gainOf(bits));
    expect(objective.value / -least).toBeCloseTo(1, 9);
    const raised = policy.layers.map((precision, at) => ({
      ...policy,
      layers: policy.layers.with(at, { ...precision, weightBits: precision.weightBits === 2 ? 4 : 8 }),
    }));
    for (const more of raised.filter((more) => policyHash(more) !== policyHash(policy)))
      expect(fitsBudget(problem.cost(more), problem.constraints)).toBe(false);
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
