import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { solveChoices } from '../integer-program/solve-choices.js';
import { flatnessWarning, layerImportance } from './importance.js';
import { projectToSize } from './reference-policy.js';

/** NumPy and SciPy (HiGHS) on random features; an optimum's objective is unique, its assignment need not be. */
type GoldenCase = {
  readonly orthogonality_matrix: number[][];
  readonly gamma: number[];
  readonly beta: number;
  readonly theta_normalized: number[];
  readonly importance: number[];
  readonly weights_per_layer: number[];
  readonly bits: [number, number];
  readonly size_budget_bits: number;
  readonly objective: number;
};
const { cases } = JSON.parse(readFileSync(new URL('fixtures/golden.json', import.meta.url), 'utf8')) as {
  cases: GoldenCase[];
};

const expectClose = (found: readonly number[], wanted: readonly number[]) => {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, index) => {
    expect(value).toBeCloseTo(wanted[index] as number, 10);
  });
};

describe.each(cases.map((golden) => [golden.beta, golden] as const))('with beta %d', (beta, golden) => {
  const { gamma, theta, importance } = layerImportance(golden.orthogonality_matrix, beta);

  it('gives the reference values of gamma, theta and importance', () => {
    expectClose(gamma, golden.gamma);
    expectClose(theta, golden.theta_normalized);
    expectClose(importance, golden.importance);
  });

  it("reaches SciPy's optimum within the size", async () => {
    const [least, most] = golden.bits;
    const widths = Array.from({ length: most - least + 1 }, (_, index) => least + index);
    const groups = golden.weights_per_layer.map((weights, layer) =>
      widths.map((bits) => ({ value: (importance[layer] as number) * bits, shares: [weights * bits] })),
    );
    const program = { groups, limits: [golden.size_budget_bits], sense: 'maximise', exclusions: [] } as const;
    expect((await solveChoices(program))?.objective).toBeCloseTo(golden.objective, 9);
  });
});

it.each([100, 1000])(
  'neither overflows nor underflows: with beta %d the least important layer still counts',
  (beta) => {
    const { theta, importance } = layerImportance(cases[0]?.orthogonality_matrix ?? [], beta);
    const most = Math.max(...importance);
    expect(Math.max(...theta)).toBe(1);
    expect(most).toBeGreaterThan(0.1);
    expect(Math.min(...importance)).toBe(1e-6 * most);
  },
);

it('warns where beta leaves all layers alike, and only there', () => {
  const matrix = cases[0]?.orthogonality_matrix ?? [];
  expect(flatnessWarning(layerImportance(matrix, 1e-9), 1e-9)).toContain('raise beta');
  expect(flatnessWarning(layerImportance(matrix, 1), 1)).toBeUndefined();
});

it('projects onto a size by taking from each layer in proportion to its weights', () => {
  const eight = [2, 3, 4, 5, 6, 7, 8];
  const projected = projectToSize([1, 2, 4], [eight, eight, eight], 40);
  expectClose(
    [projected[0] as number, projected[1] as number, projected[2] as number],
    [8 - 16 / 21, 8 - 32 / 21, 8 - 64 / 21],
  );
});
