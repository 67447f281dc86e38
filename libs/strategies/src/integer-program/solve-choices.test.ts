import { createRandomSource } from '@bitwright/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChoiceProgram, sumChosen, usefulChoices } from './choice-program.js';
import { createHighsSolver } from './highs-solver.js';
import { rowPrices, solveChoices } from './solve-choices.js';

const amount = fc.integer({ min: 0, max: 40 });
const program = fc.integer({ min: 0, max: 3 }).chain((rows): fc.Arbitrary<ChoiceProgram> => {
  const choice = fc.record({ value: amount, shares: fc.array(amount, { minLength: rows, maxLength: rows }) });
  const group = fc.array(choice, { minLength: 1, maxLength: 5 });
  const excluded = fc.record({ picks: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), distance: fc.nat(3) });
  const parts = fc.record({
    groups: fc.array(group, { minLength: 1, maxLength: 5 }),
    limits: fc.array(fc.integer({ min: 0, max: 120 }), { minLength: rows, maxLength: rows }),
    sense: fc.constantFrom('minimise' as const, 'maximise' as const),
    excluded: fc.array(excluded, { maxLength: 2 }),
  });
  return parts.map(({ excluded: found, ...asked }) => ({
    ...asked,
    exclusions: found.map(({ picks, distance }) => ({
      chosen: asked.groups.map((choices, at) => (picks[at] as number) % choices.length),
      distance,
    })),
  }));
});

/** Every solution within the limits that keeps away from what is excluded, by trying all. */
function* solutionsOf({ groups, limits, exclusions }: ChoiceProgram): Generator<readonly number[]> {
  const count = groups.reduce((product, choices) => product * choices.length, 1);
  for (let code = 0; code < count; code += 1) {
    let rest = code;
    const chosen = groups.map((choices) => {
      const position = rest % choices.length;
      rest = Math.floor(rest / choices.length);
      return position;
    });
    const keeps = limits.every(
      (limit, row) => sumChosen({ groups }, chosen, ({ shares }) => shares[row] ?? 0) <= limit,
    );
    const isAway = exclusions.every(
      (excluded) => chosen.filter((position, at) => position !== excluded.chosen[at]).length >= excluded.distance,
    );
    if (keeps && isAway) yield chosen;
  }
}

function bestByTrying(asked: ChoiceProgram): number | undefined {
  const objectives = [...solutionsOf(asked)].map((chosen) => sumChosen(asked, chosen, ({ value }) => value));
  if (objectives.length === 0) return undefined;
  return asked.sense === 'minimise' ? Math.min(...objectives) : Math.max(...objectives);
}

test('it finds what trying all solutions finds, under any number of limits and exclusions, or that there is none', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (asked) => {
      const solution = await solveChoices(asked);
      expect(solution?.objective).toBe(bestByTrying(asked));
      if (solution === undefined) return;
      expect(solution.chosen).toHaveLength(asked.groups.length);
      asked.limits.forEach((limit, row) => {
        expect(sumChosen(asked, solution.chosen, ({ shares }) => shares[row] ?? 0)).toBeLessThanOrEqual(limit);
      });
    }),
    { numRuns: 150 },
  );
});

test('what is left of the choices always holds an optimum', () => {
  fc.assert(
    fc.property(program, (asked) => {
      const useful = usefulChoices(asked);
      const groups = asked.groups.map((choices, group) => choices.filter((_, at) => useful[group]?.includes(at)));
      const exclusions = asked.exclusions.map(({ chosen, distance }) => ({
        chosen: chosen.map((position, group) => (useful[group] ?? []).indexOf(position)),
        distance,
      }));
      expect(bestByTrying({ ...asked, groups, exclusions })).toBe(bestByTrying(asked));
    }),
  );
});

const knapsack = (limit: number): ChoiceProgram => ({
  groups: [4, 9, 2, 7].map((weight) =>
    [2, 3, 4, 5, 6, 7, 8].map((bits) => ({ value: (weight + 1) * 4 ** -bits, shares: [weight * bits] })),
  ),
  limits: [limit],
  sense: 'minimise',
  exclusions: [],
});

test('excluded solutions are kept away from, by as many groups as asked', async () => {
  const first = await solveChoices(knapsack(100));
  const exclusions = [{ chosen: first?.chosen ?? [], distance: 2 }];
  const second = await solveChoices({ ...knapsack(100), exclusions });
  const differing = second?.chosen.filter((position, group) => position !== first?.chosen[group]).length;
  expect(differing).toBeGreaterThanOrEqual(2);
  expect(second?.objective).toBeGreaterThanOrEqual(first?.objective as number);
  const farther = { ...knapsack(100), exclusions: [{ chosen: first?.chosen ?? [], distance: 5 }] };
  expect(await solveChoices(farther)).toBeUndefined();
});

test.each(['minimise', 'maximise'] as const)(
  'a price is what the relaxation gains from more of a limit: %s',
  async (sense) => {
    const sign = sense === 'minimise' ? 1 : -1;
    const groups = knapsack(1).groups.map((choices) =>
      choices.map((choice) => ({ ...choice, value: sign * choice.value })),
    );
    const [price] = (await rowPrices({ ...knapsack(100), groups, sense })) ?? [];
    // Between its breakpoints the relaxation's optimum is linear in the limit, and it is convex in all: integer optima
    // straddle it from the costly side.
    const [less, more] = await Promise.all(
      [90, 110].map(async (limit) => (await solveChoices({ ...knapsack(limit), groups, sense }))?.objective as number),
    );
    const meanGain = ((more as number) - (less as number)) / 20;
    expect(Math.sign(price as number)).toBe(-sign);
    expect(Math.abs(price as number)).toBeGreaterThan(0.3 * Math.abs(meanGain));
    expect(Math.abs(price as number)).toBeLessThan(3 * Math.abs(meanGain));
  },
);

test('a limit with room to spare has no price', async () => {
  const [price] = (await rowPrices(knapsack(1000))) ?? [];
  expect(price).toBeCloseTo(0, 12);
});

test('many programs at once are each answered', async () => {
  const limits = [60, 80, 100, 120, 140];
  const alone: (number | undefined)[] = [];
  for (const limit of limits) alone.push((await solveChoices(knapsack(limit)))?.objective);
  const together = await Promise.all(limits.map((limit) => solveChoices(knapsack(limit))));
  expect(together.map((solution) => solution?.objective)).toEqual(alone);
});

/** Many limits that all bind, and values that are nearly equal by size: no proof within half a minute. */
function hardProgram(): ChoiceProgram {
  const random = createRandomSource(1);
  const groups = Array.from({ length: 100 }, () => {
    const shares = Array.from({ length: 12 }, () => 1 + random.uniform());
    const worth = 1 + random.uniform();
    return [1, 2, 3, 4, 5, 6, 7, 8].map((bits) => ({
      value: worth * bits,
      shares: shares.map((share) => share * bits),
    }));
  });
  return { groups, limits: new Array(12).fill(600), sense: 'maximise', exclusions: [] };
}

test('when the time is over it gives the best that was found, and does not say that there is nothing better', async () => {
  const program = hardProgram();
  const solution = await solveChoices(program, createHighsSolver(1));
  expect(solution?.isProven).toBe(false);
  program.limits.forEach((limit, row) => {
    const used = sumChosen(program, solution?.chosen ?? [], ({ shares }) => shares[row] as number);
    expect(used).toBeLessThanOrEqual(limit + 1e-9);
  });
  expect(solution?.objective).toBeGreaterThan(600);
  expect((await solveChoices(knapsack(100)))?.isProven).toBe(true);
});
