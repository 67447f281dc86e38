import { type ChoiceProgram, type ChoiceSolution, sumChosen, usefulChoices } from './choice-program.js';
import { createHighsSolver, type LinearSolution, type LinearSolver } from './highs-solver.js';
import { type ChoiceModel, ROW_SCALE, toLinearModel } from './linear-model.js';

/** One thread for all searches of a process: loading HiGHS takes some 40 ms, and it holds its memory. */
const SHARED_SOLVER: LinearSolver = createHighsSolver();

/** Columns per group that the first integer program is left with. */
const COLUMNS_PER_GROUP = 2;

/**
 * The best solution there is, or the best found in the solver's time; undefined when none keeps all limits. Limits hold
 * to about 1e-12 of 1: who needs them to the last bit checks. The relaxation comes first: a choice whose reduced cost is
 * above d cannot be part of a solution that is better than the relaxation's by less than d. So the integer program has
 * the choices up to some d alone, and its optimum is that of the whole program when it is within d of the relaxation;
 * else d grows (reduced-cost fixing).
 */
export async function solveChoices(
  program: ChoiceProgram,
  solver = SHARED_SOLVER,
): Promise<ChoiceSolution | undefined> {
  const useful = usefulChoices(program);
  const scale = scaleOf(program, useful);
  const relaxed = toLinearModel(program, useful, scale);
  const relaxation = await solver.solve(relaxed.model);
  if (relaxation === undefined) return undefined;
  const reducedCosts = relaxation.colDual;
  const sorted = reducedCosts.slice().sort();
  const dearest = sorted.at(-1) ?? 0;
  let allowed = sorted[Math.min(sorted.length, COLUMNS_PER_GROUP * useful.length) - 1] ?? 0;
  for (;;) {
    const kept = keepColumns(relaxed, useful.length, (column) => (reducedCosts[column] as number) <= allowed);
    const reduced = toLinearModel(program, kept, scale);
    const integrality = new Int32Array(reduced.model.numCols).fill(1);
    const solution = await solver.solve({ ...reduced.model, integrality });
    const gap = solution === undefined ? Number.POSITIVE_INFINITY : solution.objective - relaxation.objective;
    const isLast = gap <= allowed || allowed >= dearest || solution?.isProven === false;
    if (isLast) return solution && readSolution(program, reduced, solution);
    allowed = Number.isFinite(gap) ? gap : Math.max(2 * allowed, dearest / 64);
  }
}

/** What the objective would change by per unit of each row's limit: the duals of the relaxation. Undefined without a solution. */
export async function rowPrices(
  program: ChoiceProgram,
  solver = SHARED_SOLVER,
): Promise<readonly number[] | undefined> {
  const useful = usefulChoices(program);
  const scale = scaleOf(program, useful);
  const { model, firstLimit } = toLinearModel(program, useful, scale);
  const solution = await solver.solve(model);
  return (
    solution && program.limits.map((_, row) => (ROW_SCALE * (solution.rowDual[firstLimit + row] as number)) / scale)
  );
}

function readSolution(
  program: ChoiceProgram,
  { columns }: ChoiceModel,
  { colValue, isProven }: NonNullable<LinearSolution>,
): ChoiceSolution {
  const chosen: number[] = [];
  columns.forEach(({ group, position }, column) => {
    if ((colValue[column] as number) > 0.5) chosen[group] = position;
  });
  return { chosen, objective: sumChosen(program, chosen, ({ value }) => value), isProven };
}

function keepColumns({ columns }: ChoiceModel, groups: number, isKept: (column: number) => boolean): number[][] {
  const kept: number[][] = Array.from({ length: groups }, () => []);
  columns.forEach(({ group, position }, column) => {
    if (isKept(column)) kept[group]?.push(position);
  });
  return kept;
}

/** Makes the largest value 1000, and the program a minimisation: HiGHS's tolerances are absolute, losses may be 1e-6. */
function scaleOf({ groups, sense }: ChoiceProgram, useful: readonly (readonly number[])[]): number {
  const values = groups.flatMap((choices, group) =>
    (useful[group] as readonly number[]).map((position) => Math.abs(choices[position]?.value ?? 0)),
  );
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return (sense === 'minimise' ? 1 : -1) * (largest > 0 ? 1e3 / largest : 1);
}
