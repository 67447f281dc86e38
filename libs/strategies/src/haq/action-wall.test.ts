import { readFileSync } from 'node:fs';
import { uniformPolicy } from '@bitwright/core';
import { expect, test } from 'vitest';
import { toBits } from '../allocation/decisions.js';
import { createPricing } from '../allocation/pricing.js';
import { createLayer, createProblem, separableLayers } from '../testing/problems.js';
import { actionWall, referenceWall } from './action-wall.js';

type Case = {
  cost_table: number[][][];
  ratio: number;
  min_bits: number;
  before: number[][];
  after: number[][];
  cost_after: number;
};

const fixture = JSON.parse(readFileSync(new URL('fixtures/budget-enforcement.json', import.meta.url), 'utf8')) as {
  budget_enforcement: { cases: Case[] };
};
const cases = fixture.budget_enforcement.cases.map((golden, index) => ({ ...golden, index }));
const REFERENCE = { rawInputAsSevenBits: true, pinOnlyOverBudget: true };

/** The reference's marker for "input already 8 bit". */
const RAW_INPUT = -1;

test.each(cases)("with the reference's quirks, policy $index is lowered as the reference does", async (golden) => {
  const { problem, pricing } = await fromTable(golden);
  const bits = referenceWall(pricing, Uint8Array.from(golden.before.flat()), REFERENCE);
  expect([...bits]).toEqual(golden.after.flat().map((value) => (value === RAW_INPUT ? 8 : value)));
  const isRaw = golden.after[0]?.[1] === RAW_INPUT;
  if (isRaw) bits[1] = 7;
  expect((pricing.total(bits)[0] as number) * (problem.constraints[0]?.limit ?? 0)).toBeCloseTo(golden.cost_after, 6);
});

test('a policy that fits passes unchanged', async () => {
  const pricing = await createPricing(createProblem({ layers: separableLayers(2), latencyRatio: 0.9 }));
  const bits = new Uint8Array(12).fill(4);
  expect([...actionWall(pricing, bits.slice())]).toEqual([...bits]);
});

test('pinned layers keep their bits and the others are lowered from the last, activations first', async () => {
  const problem = createProblem({
    layers: separableLayers(1),
    latencyRatio: 0.95,
    latency: (_, w, a) => w * a,
    pin: 'first-last',
  });
  const bits = actionWall(await createPricing(problem), new Uint8Array(8).fill(8));
  expect([...bits]).toEqual([8, 8, 8, 8, 7, 7, 8, 8]);
});

test('what no constraint depends on keeps its bits', async () => {
  const layers = separableLayers(3);
  const bits = new Uint8Array(16).fill(8);
  const sized = actionWall(await createPricing(createProblem({ layers, sizeRatio: 0.5 })), bits.slice());
  expect([...sized].filter((_, decision) => decision % 2 === 1)).toEqual(Array(8).fill(8));
  const both = createProblem({ layers, sizeRatio: 0.5, latencyRatio: 0.5 });
  expect([...actionWall(await createPricing(both), bits.slice())].some((value, at) => at % 2 === 1 && value < 8)).toBe(
    true,
  );
  const widest = createProblem({ layers, latencyRatio: 0.5, latency: (_, w, a) => Math.max(w, a) });
  expect(new Set(actionWall(await createPricing(widest), bits.slice()))).toEqual(new Set([4]));
});

test('several constraints of different metrics all hold afterwards', async () => {
  const problem = createProblem({ layers: separableLayers(3), latencyRatio: 0.5, sizeRatio: 0.4 });
  const pricing = await createPricing(problem);
  const bits = actionWall(pricing, new Uint8Array(16).fill(8));
  expect(pricing.fits(bits)).toBe(true);
});

test('where fewer bits cost more, the policy that is known to fit stands in', async () => {
  const layers = separableLayers(1);
  const latency = (_: unknown, w: number, a: number) => (w + a >= 12 ? 1 : 10 - (w + a) / 2);
  const problem = createProblem({ layers, latency, weightBits: [2, 4, 8], activationBits: [4, 8] });
  const fitting = uniformPolicy(layers.length, 8, 4);
  const constraint = { metric: 'latency', target: undefined, limit: 4, reference: 4, smallest: 4 } as const;
  const asked = { metric: 'latency', limit: { kind: 'absolute', value: 4 } } as const;
  const pricing = await createPricing({ ...problem, fitting, constraints: [{ ...constraint, asked }] });
  expect([...actionWall(pricing, toBits(uniformPolicy(layers.length, 2, 8)))]).toEqual([...toBits(fitting)]);
});

test('a budget that pins make unreachable is refused instead of tried for ever', async () => {
  const layers = [createLayer(0, 'convolution', 3, 64), createLayer(1, 'pointwise', 4, 4)];
  const feasible = createProblem({ layers, latencyRatio: 0.5 });
  const { space, fitting } = createProblem({ layers, pin: 'first-last' });
  const pinned = { ...feasible, space, fitting };
  const pricing = await createPricing(pinned);
  expect(() => actionWall(pricing, new Uint8Array(4).fill(8))).toThrow(/budget cannot be met/);
});

async function fromTable({ cost_table: table, ratio, min_bits }: Case) {
  const layers = table.map((_, index) => createLayer(index, 'pointwise', 4, 4));
  const weightBits = [1, 2, 3, 4, 5, 6, 7, 8].filter((bits) => bits >= min_bits);
  const latency = (layer: { index: number }, w: number, a: number) => table[layer.index]?.[w - 1]?.[a - 1] as number;
  const problem = createProblem({ layers, latency, latencyRatio: ratio, weightBits, activationBits: weightBits });
  return { problem, pricing: await createPricing(problem) };
}
