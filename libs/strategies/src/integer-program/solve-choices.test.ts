import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChoiceProgram, sumChosen, usefulChoices } from './choice-program.js';
import { rowPrices, solveChoices } from './solve-choices.js';

const amount = fc.integer({ min: 0, max: 40 });
const program = fc.integer({ min: 0, max: 3 }).chain((rows): fc.Arbitrary<ChoiceProgram> => {
  const choice = fc.record({ value: amount, shares: fc.array(amount, { minLength: rows, maxLength: rows }) });
  const group = fc.array(choice, { minLength: 1, maxLength: 5 });
  return fc.record({
    groups: fc.array(group, { minLength: 1, maxLength: 5 }),
    limits: fc.array(fc.integer({ min: 0, max: 120 }), { minLength: rows, maxLength: rows }),
    sense: fc.constantFrom('minimise' as const, 'maximise' as const),
    exclusions: fc.constant([]),
  });
});

/** Every solution within the limits, by trying all. */
function* solutionsOf({ groups, limits }: ChoiceProgram): Generator<readonly number[]> {
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
    if (keeps) yield chosen;
  }
}

function bestByTrying(asked: ChoiceProgram): number | undefined {
  const objectives = [...solutionsOf(asked)].map((chosen) => sumChosen(asked, chosen, ({ value }) => value));
  if (objectives.length === 0) return undefined;
  return asked.sense === 'minimise' ? Math.min(...objectives) : Math.max(...objectives);
}

test('it finds what trying all solutions finds, under any number of limits, or that there is none', async () => {
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
      const useful = asked.groups.map((choices) => usefulChoices(choices, asked.sense));
      const groups = asked.groups.map((choices, group) => choices.filter((_, at) => useful[group]?.includes(at)));
      expect(bestByTrying({ ...asked, groups })).toBe(bestByTrying(asked));
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
