/** One way to decide a group: what it adds to the objective and to each row. */
export type Choice = { readonly value: number; readonly shares: readonly number[] };

/**
 * Picks exactly one choice of every group so that the summed values are least (or most) while each row's summed shares
 * stay within its limit: a multiple-choice knapsack with as many rows as there are budgets.
 */
export type ChoiceProgram = {
  readonly groups: readonly (readonly Choice[])[];
  /** One for each entry of `shares`. */
  readonly limits: readonly number[];
  readonly sense: 'minimise' | 'maximise';
  /** Solutions to keep away from. */
  readonly exclusions: readonly Exclusion[];
};

/** A solution that at least `distance` groups must differ from. */
export type Exclusion = { readonly chosen: readonly number[]; readonly distance: number };

/** What was picked: a choice's index for each group. */
export type ChoiceSolution = {
  readonly chosen: readonly number[];
  readonly objective: number;
  /** Whether nothing is better; not where the solver's time was over. */
  readonly isProven: boolean;
};

/**
 * Positions of each group's choices that no other one makes pointless. What an excluded solution has makes nothing
 * pointless: it may not be taken. An optimum is always among them.
 */
export function usefulChoices({ groups, sense, exclusions }: ChoiceProgram): readonly (readonly number[])[] {
  return groups.map((choices, group) => {
    const excluded = new Set(exclusions.map(({ chosen }) => chosen[group]));
    return withoutPointless(choices, sense, (other) => !excluded.has(other));
  });
}

/**
 * Positions of the choices that none of those that may replace them makes pointless: none of these has as good a value
 * and no larger share of any row. Of equals the first stays.
 */
export function withoutPointless(
  choices: readonly Choice[],
  sense: ChoiceProgram['sense'],
  mayReplace: (other: number, position: number) => boolean,
): readonly number[] {
  const sign = sense === 'minimise' ? 1 : -1;
  const covers = (a: Choice, b: Choice) =>
    sign * a.value <= sign * b.value && a.shares.every((share, row) => share <= (b.shares[row] as number));
  const isPointless = (choice: Choice, position: number) =>
    choices.some(
      (other, at) =>
        at !== position &&
        mayReplace(at, position) &&
        covers(other, choice) &&
        (!covers(choice, other) || at < position),
    );
  return choices.flatMap((choice, position) => (isPointless(choice, position) ? [] : [position]));
}

/** The sum of what was picked, of the objective or of one row. */
export function sumChosen(
  { groups }: Pick<ChoiceProgram, 'groups'>,
  chosen: readonly number[],
  of: (choice: Choice) => number,
): number {
  return groups.reduce((sum, choices, group) => sum + of(choices[chosen[group] as number] as Choice), 0);
}
