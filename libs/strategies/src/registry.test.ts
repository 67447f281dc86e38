import { createRandomSource, fitsBudget, isInSpace, type PrecisionPolicy, policyHash } from '@bitwright/core';
import { expect, test } from 'vitest';
import { findStrategy, STRATEGIES } from './registry.js';
import { createProblem, separableLayers } from './testing/problems.js';

const problem = createProblem({ layers: separableLayers(2), latencyRatio: 0.5, pin: 'first-last' });
const create = (name: string, seed = 1) =>
  findStrategy(name).create({ problem, random: createRandomSource(seed), options: {} });
/** As the command line reads a value: JSON where it is any. */
function asWritten(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const hashes = async (strategy: ReturnType<typeof create>, count: number) =>
  (await strategy.ask(count)).map(({ policy }) => policyHash(policy));

test('strategies have unique names and are found by them', () => {
  const names = STRATEGIES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(findStrategy(name).name).toBe(name);
});

test('an unknown strategy is not found, and those there are are named', () => {
  const refused = expect.objectContaining({
    kind: 'not_found',
    message: expect.stringContaining('auto, haq, ompq, sensitivity, multipoint, hago, ddq, uniform, random'),
  });
  expect(() => findStrategy('simulated-annealing')).toThrow(refused);
});

test('every strategy refuses options that it does not have', () => {
  for (const strategy of STRATEGIES) {
    const context = { problem, random: createRandomSource(1), options: { bogus: 1 } };
    expect(() => strategy.create(context)).toThrow(/spec\.strategy\.options\.bogus/);
  }
});

test('every setting explains itself, and is taken at its default', () => {
  for (const { name, options, create } of STRATEGIES) {
    for (const option of options) {
      expect(option.description.length, `${name}.${option.name}`).toBeGreaterThan(5);
      const value = option.default === undefined ? null : asWritten(option.default);
      const context = { problem, random: createRandomSource(1), options: { [option.name]: value } };
      expect(() => create(context), `${name}.${option.name}=${option.default}`).not.toThrow();
    }
  }
});

test('uniform proposes each uniform policy that fits once: equal widths from the most bits, then unequal ones', async () => {
  const proposals = await create('uniform').ask(1000);
  const widths = proposals.map(
    ({ policy }) => [policy.layers[1]?.weightBits, policy.layers[1]?.activationBits] as const,
  );
  const firstUnequal = widths.findIndex(([weights, activations]) => weights !== activations);
  expect(widths.slice(0, firstUnequal)).toEqual([3, 2, 1].map((bits) => [bits, bits]));
  expect(new Set(proposals.map(({ policy }) => policyHash(policy))).size).toBe(proposals.length);
  for (const { policy } of proposals) {
    expect(fitsBudget(problem.cost(policy), problem.constraints) && isInSpace(problem.space, policy)).toBe(true);
  }
});

test('uniform ends with fewer proposals than asked for, then none', async () => {
  const strategy = create('uniform');
  const all = await strategy.ask(1000);
  expect(all.length).toBeLessThan(64);
  expect(await strategy.ask(1)).toEqual([]);
});

test('multipoint proposes one width with points for several sizes that fit', async () => {
  const proposals = (await create('multipoint').ask(1000)).map(({ policy }) => policy);
  expect(proposals.length).toBeGreaterThan(3);
  expect(new Set(proposals.map((policy) => policyHash(policy))).size).toBe(proposals.length);
  for (const policy of proposals) {
    expect(policy.points?.rule).toBe('size-ratio');
    expect(fitsBudget(problem.cost(policy), problem.constraints) && isInSpace(problem.space, policy)).toBe(true);
  }
});

test('multipoint begins with the size that leaves room for weights and activations, not with the largest', async () => {
  const proposals = (await create('multipoint').ask(1000)).map(({ policy }) => policy);
  const bitsOf = ({ layers, points }: PrecisionPolicy) => {
    const { weightBits, activationBits } = layers[1] ?? expect.fail('no layer');
    return Math.min(weightBits * (points?.limit ?? 1), activationBits);
  };
  const narrowest = proposals.map(bitsOf);
  expect(Math.max(...narrowest) - (narrowest[0] as number)).toBeLessThanOrEqual(1);
  expect((narrowest[0] as number) - (narrowest.at(-1) as number)).toBeGreaterThan(1);
});

test('random proposes what its seed says', async () => {
  expect(await hashes(create('random', 3), 5)).toEqual(await hashes(create('random', 3), 5));
  expect(await hashes(create('random', 3), 5)).not.toEqual(await hashes(create('random', 4), 5));
});

test.each(['uniform', 'random', 'multipoint'])(
  '%s goes on from a snapshot, even from a view into a larger buffer',
  async (name) => {
    const original = create(name);
    await original.ask(3);
    const snapshot = original.snapshot();
    const larger = Buffer.alloc(snapshot.length + 3);
    larger.set(snapshot, 3);
    const copy = create(name, 99);
    copy.restore(larger.subarray(3));
    expect(await hashes(copy, 4)).toEqual(await hashes(original, 4));
  },
);

test.each(['uniform', 'random', 'multipoint'])('%s refuses bytes that are no snapshot of its own', (name) => {
  expect(() => create(name).restore(new Uint8Array(7))).toThrow(expect.objectContaining({ kind: 'data_loss' }));
});

test('multipoint keeps to prices that were corrected meanwhile, also after a snapshot', async () => {
  let factor = 1;
  const { cost } = problem;
  const corrected = {
    ...problem,
    cost: (policy: PrecisionPolicy) => {
      const price = cost(policy);
      return { ...price, latencyMs: price.latencyMs === undefined ? undefined : factor * price.latencyMs };
    },
  };
  const open = () =>
    findStrategy('multipoint').create({ problem: corrected, random: createRandomSource(1), options: {} });
  const original = open();
  await original.ask(2);
  factor = 1.3;
  const copy = open();
  copy.restore(original.snapshot());
  const proposals = await original.ask(1000);
  expect(proposals.length).toBeGreaterThan(0);
  for (const { policy } of proposals) expect(fitsBudget(corrected.cost(policy), corrected.constraints)).toBe(true);
  expect(await copy.ask(1000)).toEqual(proposals);
});
