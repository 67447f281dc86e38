import type { TunableProfile } from '@bitwright/accelerators';
import { cancelledError, deriveSeed } from '@bitwright/core';
import type { LookupTable } from '@bitwright/cost-tables';
import { type ErrorFigures, errorFigures } from './error-figures.js';
import type { Finding } from './finding.js';
import { foldsOf } from './folds.js';
import { fitIdentifiable } from './identify.js';
import { countShapes, type Metric, type Observation, predict } from './observations.js';
import { planFits } from './plan-fits.js';
import type { Problem } from './residuals.js';

export type CalibrationOptions = {
  /** Constants to fit, by field (`peaks`) or name (`peaks:8/8`); all that the profile has where it is left out. */
  readonly fit?: readonly string[] | undefined;
  /** Of random starts and of what is held out together. */
  readonly seed: number;
  /** Called after each fit. */
  readonly onProgress?: (progress: CalibrationProgress) => void;
  readonly signal?: AbortSignal | undefined;
};

export type CalibrationProgress = { readonly done: number; readonly total: number; readonly metric: Metric };

/** What one figure was fitted to, and how well. */
export type MetricFit = {
  readonly metric: Metric;
  readonly costs: number;
  readonly shapes: number;
  /** Times that layer shapes were held out; each is held out once. */
  readonly folds: number;
  /** The profile as it was, on all costs. */
  readonly before: ErrorFigures;
  /** Fits to the others, on the costs of the layer shapes that they had not seen. */
  readonly heldOut: ErrorFigures;
  /** The fit to all costs, on these costs: no measure of how well it does on others. */
  readonly fitted: ErrorFigures;
  /** Costs that could not be compared, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>;
};

export type Calibration = {
  /** The profile with its new constants. */
  readonly profile: TunableProfile;
  readonly findings: readonly Finding[];
  readonly metrics: readonly MetricFit[];
};

/**
 * Fits a profile's constants to measured costs: latency first, then energy where the table has it, with the latency that
 * was fitted. Throws `invalid_argument` for constants that the profile does not have and for too few measurements,
 * `cancelled` when the signal fires. The same for the same seed.
 */
export async function calibrate(
  profile: TunableProfile,
  table: LookupTable,
  options: CalibrationOptions,
): Promise<Calibration> {
  const plan = planFits(profile, table, options.fit);
  const counter = {
    done: 0,
    total: plan.reduce((sum, { observations }) => sum + 1 + foldCount(observations, options), 0),
  };
  let current = profile;
  const findings: Finding[] = [];
  const metrics: MetricFit[] = [];
  for (const { metric, observations, free, leftOut } of plan) {
    const problem: Problem = { profile: current, metric, observations, free };
    const tell = () => afterFit(counter, metric, options);
    const fit = fitIdentifiable(problem, deriveSeed(options.seed, metric));
    await tell();
    const heldOut = await predictHeldOut(problem, options, tell);
    const before = predict(current, observations, metric);
    current = tuneTo(current, fit.findings);
    findings.push(...fit.findings);
    metrics.push({
      ...{ metric, costs: observations.length, shapes: countShapes(observations), leftOut },
      folds: foldCount(observations, options),
      before: figures(before, observations),
      heldOut: figures(heldOut, observations),
      fitted: figures(predict(current, observations, metric), observations),
    });
  }
  const values = new Map(current.constants.map(({ name, value }) => [name, value]));
  return {
    profile: current,
    findings: findings.map((finding) => ({ ...finding, value: values.get(finding.constant.name) as number })),
    metrics,
  };
}

const foldCount = (observations: readonly Observation[], { seed }: CalibrationOptions) =>
  foldsOf(observations, seed).length;

const figures = (predicted: readonly number[], observations: readonly Observation[]) =>
  errorFigures(
    predicted,
    observations.map(({ measured }) => measured),
  );

/** What each observation is predicted to be by a fit to the layer shapes of other folds. */
async function predictHeldOut(
  problem: Problem,
  { seed }: CalibrationOptions,
  afterEach: () => Promise<void>,
): Promise<readonly number[]> {
  const { observations, metric, profile } = problem;
  const predictions = new Array<number>(observations.length);
  for (const fold of foldsOf(observations, seed)) {
    const others = observations.filter((_, index) => !fold.includes(index));
    const { findings } = fitIdentifiable({ ...problem, observations: others }, deriveSeed(seed, metric));
    const heldOut = fold.map((index) => observations[index] as Observation);
    predict(tuneTo(profile, findings), heldOut, metric).forEach((value, at) => {
      predictions[fold[at] as number] = value;
    });
    await afterEach();
  }
  return predictions;
}

/** Kept constants are not touched: an overhead of 0 stays 0. */
function tuneTo(profile: TunableProfile, findings: readonly Finding[]): TunableProfile {
  const changed = findings.filter(({ status }) => status !== 'kept');
  return profile.tune(Object.fromEntries(changed.map(({ constant, value }) => [constant.name, value])));
}

/** Counts a fit, and lets other work of the process run. */
async function afterFit(
  counter: { done: number; readonly total: number },
  metric: Metric,
  { onProgress, signal }: CalibrationOptions,
): Promise<void> {
  counter.done += 1;
  onProgress?.({ done: counter.done, total: counter.total, metric });
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted === true) throw cancelledError();
}
