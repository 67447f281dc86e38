/** One search: what HAQ itself found and the uniform policy that fits, on the test split, 0..1. */
export type Comparison = {
  readonly seed: number;
  /** Share of the 8-bit latency. */
  readonly budget: number;
  /** Where HAQ's best came from: `haq/actor`, `haq/seed-marginal`, … */
  readonly haqOrigin: string;
  readonly uniform: string;
  readonly haqAccuracy: number;
  readonly uniformAccuracy: number;
  readonly floatAccuracy: number;
  readonly haqLatencyMs: number;
  readonly uniformLatencyMs: number;
  readonly limitMs: number;
  readonly seconds: number;
};

/** All seeds of one budget; differences are HAQ minus uniform in percentage points. */
export type BudgetRow = {
  readonly budget: number;
  readonly differences: readonly number[];
  readonly mean: number;
  /** What is asked of the mean difference. */
  readonly wanted: string;
  readonly reached: boolean;
};

/** The differences by budget and a table of everything. */
export function summarize(comparisons: readonly Comparison[]): {
  readonly text: string;
  readonly rows: readonly BudgetRow[];
} {
  const budgets = [...new Set(comparisons.map(({ budget }) => budget))].sort((a, b) => a - b);
  const rows = budgets.map((budget) =>
    toRow(
      budget,
      comparisons.filter((comparison) => comparison.budget === budget),
    ),
  );
  const head = 'budget  seed   float     HAQ  uniform  difference  latency HAQ / uniform / limit  found by, against';
  const lines = comparisons.toSorted((a, b) => a.budget - b.budget || a.seed - b.seed).map(toLine);
  const means = rows.map(
    ({ budget, mean, wanted, reached }) =>
      `budget ${budget}: mean difference ${signed(mean)} points; wanted ${wanted}: ${reached ? 'yes' : 'no'}`,
  );
  return { text: [head, ...lines, '', ...means].join('\n'), rows };
}

function toRow(budget: number, comparisons: readonly Comparison[]): BudgetRow {
  const differences = comparisons.map(differenceOf);
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
  // A loose budget leaves nothing to win: there it only must not lose.
  const tight = budget <= 0.45;
  return {
    budget,
    differences,
    mean,
    wanted: tight ? 'above 0' : 'at least -0.2',
    reached: tight ? mean > 0 : mean >= -0.2,
  };
}

const differenceOf = ({ haqAccuracy, uniformAccuracy }: Comparison) => 100 * (haqAccuracy - uniformAccuracy);
const percent = (share: number) => (100 * share).toFixed(2).padStart(7);
const signed = (points: number) => `${points >= 0 ? '+' : ''}${points.toFixed(2)}`;

function toLine(comparison: Comparison): string {
  const { budget, seed, floatAccuracy, haqAccuracy, uniformAccuracy, haqOrigin, uniform } = comparison;
  const { haqLatencyMs, uniformLatencyMs, limitMs } = comparison;
  const latencies = [haqLatencyMs, uniformLatencyMs, limitMs].map((ms) => ms.toFixed(3)).join(' / ');
  const accuracies = [floatAccuracy, haqAccuracy, uniformAccuracy].map(percent).join(' ');
  const difference = signed(differenceOf(comparison)).padStart(10);
  return `${String(budget).padEnd(6)} ${String(seed).padStart(5)} ${accuracies}  ${difference}  ${latencies.padEnd(30)} ${haqOrigin}, ${uniform}`;
}
