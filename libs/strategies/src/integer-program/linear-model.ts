import type { SparseMatrixInput } from 'highs';
import type { Choice, ChoiceProgram } from './choice-program.js';

/** A linear or integer program in the arrays that HiGHS takes: columns, rows, and the matrix column by column. */
export type LinearModel = {
  readonly numCols: number;
  readonly numRows: number;
  /** Minimises. */
  readonly sense: 1;
  readonly colCost: Float64Array;
  readonly colLower: Float64Array;
  readonly colUpper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly matrix: SparseMatrixInput;
  /** 1 for every column of an integer program; absent in a linear one. */
  readonly integrality?: Int32Array;
};

/** A program's model, with what is needed to read its solution. */
export type ChoiceModel = {
  readonly model: LinearModel;
  /** Group and position within it of every column. */
  readonly columns: readonly { readonly group: number; readonly position: number }[];
  /** The first row of a limit; before it come the groups, behind the last limit the exclusions. */
  readonly firstLimit: number;
};

/** HiGHS's tolerances are absolute (1e-6 to 1e-9): rows this large keep them below what prices are exact to. */
export const ROW_SCALE = 1e3;

/**
 * One column a choice, 0 or 1; one row a group (its columns sum to 1), one a limit, one an exclusion (at most so many of
 * the excluded choices again). `useful` are the choices of each group that get a column; values are multiplied by `scale`,
 * which is below 0 where the program maximises.
 */
export function toLinearModel(
  { groups, limits, exclusions }: ChoiceProgram,
  useful: readonly (readonly number[])[],
  scale: number,
): ChoiceModel {
  const columns = useful.flatMap((positions, group) => positions.map((position) => ({ group, position })));
  const firstLimit = groups.length;
  const firstExclusion = firstLimit + limits.length;
  const numRows = firstExclusion + exclusions.length;
  const columnsOfMatrix = columns.map((column) => {
    const { group, position } = column;
    const { shares } = choiceOf(groups, column);
    const repeated = exclusions.flatMap(({ chosen }, at) => (chosen[group] === position ? [firstExclusion + at] : []));
    return [
      [group, 1] as const,
      ...shares.map((share, row) => [firstLimit + row, ROW_SCALE * share] as const),
      ...repeated.map((row) => [row, 1] as const),
    ];
  });
  const upper = [
    ...groups.map(() => 1),
    ...limits.map((limit) => ROW_SCALE * limit),
    ...exclusions.map(({ distance }) => groups.length - distance),
  ];
  return {
    columns,
    firstLimit,
    model: {
      ...{ numCols: columns.length, numRows, sense: 1 },
      colCost: Float64Array.from(columns, (column) => scale * choiceOf(groups, column).value),
      ...{ colLower: new Float64Array(columns.length), colUpper: new Float64Array(columns.length).fill(1) },
      rowLower: Float64Array.from(upper, (_, row) => (row < firstLimit ? 1 : Number.NEGATIVE_INFINITY)),
      rowUpper: Float64Array.from(upper),
      matrix: { ...toColumns(columnsOfMatrix), numCols: columns.length, numRows },
    },
  };
}

function choiceOf(groups: ChoiceProgram['groups'], { group, position }: ChoiceModel['columns'][number]): Choice {
  return (groups[group] as readonly Choice[])[position] as Choice;
}

type Entry = readonly [row: number, value: number];

/** Compressed sparse columns; zeros are left out. */
function toColumns(columns: readonly (readonly Entry[])[]) {
  const kept = columns.map((entries) => entries.filter(([, value]) => value !== 0));
  const starts = new Int32Array(columns.length + 1);
  kept.forEach((entries, column) => {
    starts[column + 1] = (starts[column] as number) + entries.length;
  });
  const entries = kept.flat();
  return {
    format: 'csc' as const,
    starts,
    indices: Int32Array.from(entries, ([row]) => row),
    values: Float64Array.from(entries, ([, value]) => value),
  };
}
