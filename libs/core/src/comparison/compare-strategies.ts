import { invalidField } from '../errors.js';
import { frontMetric, searchedTrials } from '../report/front-metric.js';
import type { Report, ReportEntry, ReportTrial } from '../report/report.js';
import { hypervolume, paretoFront, type Scored } from '../search/pareto-front.js';
import { type Spread, spreadOf } from './spread.js';

/** Version of the comparison's schema; see docs/compare.md. */
export const COMPARISON_SCHEMA = 'bitwright.comparison/1';

/** One search of a comparison. */
export type StrategyRun = { readonly strategy: string; readonly seed: number; readonly report: Report };

/** What a strategy's own best policy of one seed reaches, and what it took. Accuracies are 0..1. */
export type ComparedRun = {
  readonly seed: number;
  readonly searchId: string;
  /** On the test split, after the final fine-tuning; null where nothing that fits was found. */
  readonly testAccuracy: number | null;
  readonly validationAccuracy: number | null;
  /** The front's metric as a part of what 8 bits everywhere cost. */
  readonly relativeCost: number | null;
  readonly effectiveBits: number | null;
  /** Policies that the strategy had measured. */
  readonly evaluations: number;
  /** Of the whole search, controls and final fine-tuning included. */
  readonly seconds: number;
  /** See {@link frontVolume}. */
  readonly hypervolume: number;
};

/** A point of a front: validation accuracy against the part of the cost at 8 bits. */
export type FrontPoint = { readonly relativeCost: number; readonly validationAccuracy: number };

export type ComparedStrategy = {
  readonly strategy: string;
  readonly runs: readonly ComparedRun[];
  readonly testAccuracy: Spread | null;
  readonly relativeCost: Spread | null;
  readonly evaluations: Spread | null;
  readonly seconds: Spread | null;
  readonly hypervolume: Spread | null;
  /** Of what the strategy had measured with any seed, ascending cost. */
  readonly front: readonly FrontPoint[];
};

/** A control over all seeds, with the same fine-tuning. The float network has no cost to compare. */
export type ComparedControl = {
  readonly control: string;
  readonly testAccuracy: Spread | null;
  readonly relativeCost: number | null;
  readonly feasible: boolean;
};

/** Strategies on one network, data, hardware and budget, each with the same number of evaluations. */
export type StrategyComparison = {
  readonly schema: typeof COMPARISON_SCHEMA;
  /** What costs are counted in, for example `ms`. */
  readonly metric: string;
  /** The budget as a part of what 8 bits cost; null without one in the front's metric. */
  readonly relativeLimit: number | null;
  /** Best mean test accuracy first; those without any last. */
  readonly strategies: readonly ComparedStrategy[];
  /** Dearest first. */
  readonly controls: readonly ComparedControl[];
};

/** Points below the float network at which a front stops to count. */
export const VOLUME_DEPTH = 0.1;

/** Throws `invalid_argument` without a run, and for searches that cannot be compared: other costs of 8 bits everywhere. */
export function compareStrategies(given: readonly StrategyRun[]): StrategyComparison {
  const runs = inOneMetric(given);
  const [first] = runs;
  if (first === undefined) throw invalidField('runs', 'is empty; a comparison needs a finished search');
  requireOneScale(runs);
  const { label, limit, reference } = frontMetric(first.report);
  const names = [...new Set(runs.map(({ strategy }) => strategy))];
  const strategies = names.map((name) => compareRuns(runs.filter(({ strategy }) => strategy === name)));
  const meanOf = ({ testAccuracy }: ComparedStrategy) => testAccuracy?.mean ?? Number.NEGATIVE_INFINITY;
  return {
    schema: COMPARISON_SCHEMA,
    metric: label,
    relativeLimit: limit === undefined ? null : limit / reference,
    strategies: strategies.toSorted((a, b) => meanOf(b) - meanOf(a)),
    controls: compareControls(runs),
  };
}

function compareRuns(runs: readonly StrategyRun[]): ComparedStrategy {
  const compared = runs.map(compareRun);
  const spread = (of: (run: ComparedRun) => number | null) =>
    spreadOf(compared.map(of).filter((value) => value !== null)) ?? null;
  return {
    strategy: runs[0]?.strategy ?? '',
    runs: compared,
    testAccuracy: spread(({ testAccuracy }) => testAccuracy),
    relativeCost: spread(({ relativeCost }) => relativeCost),
    evaluations: spread(({ evaluations }) => evaluations),
    seconds: spread(({ seconds }) => seconds),
    hypervolume: spread((run) => run.hypervolume),
    front: frontOf(runs.flatMap(({ report }) => proposedPoints(report))),
  };
}

function compareRun({ seed, report }: StrategyRun): ComparedRun {
  const { strategyBest: best } = report;
  return {
    seed,
    searchId: report.searchId,
    testAccuracy: best?.testAccuracy ?? null,
    validationAccuracy: best?.validationAccuracy ?? null,
    relativeCost: best === null ? null : relativeCostIn(report)(best),
    effectiveBits: best?.effectiveBits ?? null,
    evaluations: report.trials.filter(({ role }) => role === 'strategy').length,
    seconds: report.provenance.seconds,
    hypervolume: frontVolume(report),
  };
}

/**
 * The part that the strategy's front dominates of the box between no cost and the cost of 8 bits everywhere, and between
 * the float network's validation accuracy and 10 points below: 1 is float's accuracy for nothing.
 */
export function frontVolume(report: Report): number {
  const top = report.trials.find(({ role, origin }) => role === 'baseline' && origin === 'float')?.accuracy ?? 1;
  const points = proposedPoints(report).map(
    (point): Scored => ({ value: Math.min(top, point.validationAccuracy), cost: point.relativeCost }),
  );
  return hypervolume(points, { value: top - VOLUME_DEPTH, cost: 1 }) / VOLUME_DEPTH;
}

function proposedPoints(report: Report): readonly FrontPoint[] {
  const relativeCost = relativeCostIn(report);
  const proposed = searchedTrials(report).filter(({ role }) => role === 'strategy');
  return proposed.map((trial) => ({
    relativeCost: relativeCost(trial),
    validationAccuracy: trial.accuracy ?? 0,
  }));
}

function frontOf(points: readonly FrontPoint[]): readonly FrontPoint[] {
  return paretoFront(points, ({ relativeCost: cost, validationAccuracy: value }) => ({ cost, value }));
}

function compareControls(runs: readonly StrategyRun[]): readonly ComparedControl[] {
  const names = [...new Set(runs.flatMap(({ report }) => report.baselines.map(({ strategy }) => strategy)))];
  const controls = names.map((control) => {
    const measured = runs.flatMap(({ seed, report }) =>
      report.baselines.filter(({ strategy }) => strategy === control).map((entry) => ({ seed, report, entry })),
    );
    // Controls depend on the seed, not on the strategy beside which they were measured; some come with one strategy only.
    const found = measured.filter(({ seed }, index) => measured.findIndex((one) => one.seed === seed) === index);
    const accuracies = found.map(({ entry }) => entry.testAccuracy).filter((value) => value !== null);
    const [one] = found;
    const isPriced = one !== undefined && control !== 'float';
    return {
      control,
      testAccuracy: spreadOf(accuracies) ?? null,
      relativeCost: isPriced ? relativeCostIn(one.report)(one.entry) : null,
      feasible: isPriced && one.entry.feasible,
    };
  });
  const dearness = ({ relativeCost: cost }: ComparedControl) => cost ?? Number.POSITIVE_INFINITY;
  return controls.toSorted((a, b) => (dearness(a) === dearness(b) ? 0 : dearness(b) - dearness(a)));
}

/** Costs in the front's metric, as a part of what 8 bits everywhere cost. */
function relativeCostIn(report: Report): (item: ReportEntry | ReportTrial) => number {
  const { of, reference } = frontMetric(report);
  return (item) => of(item) / reference;
}

/** Where a report of an earlier version does not count bit operations, all are compared without them. */
function inOneMetric(runs: readonly StrategyRun[]): readonly StrategyRun[] {
  if (runs.every(({ report }) => report.result.bops !== undefined)) return runs;
  return runs.map((run) => {
    const { bops: _, ...result } = run.report.result;
    return { ...run, report: { ...run.report, result } };
  });
}

function requireOneScale(runs: readonly StrategyRun[]): void {
  const scales = [...new Set(runs.map(scaleOf))];
  if (scales.length === 1) return;
  const description = `are of different hardware or networks: 8 bits everywhere cost ${scales.join(', ')}`;
  throw invalidField('runs', description, 'RUNS_DIFFER');
}

function scaleOf({ report }: StrategyRun): string {
  const { label, reference } = frontMetric(report);
  return `${label} ${reference.toPrecision(6)}`;
}
