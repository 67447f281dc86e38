import type { ComparedControl, ComparedStrategy, Spread, StrategyComparison } from '@bitwright/core';
import { formatAccuracy, formatSeconds, UNKNOWN } from '../terminal/format.js';

/** Strategies, best first, then the controls that every search runs. */
export const COMPARISON_HEADS = [
  'strategy',
  'accuracy',
  'worst seed',
  'of 8 bit',
  'hypervolume',
  'policies',
  'time',
  'seeds',
];

export function comparisonRows({ strategies, controls }: StrategyComparison): readonly (readonly string[])[] {
  return [...strategies.map(strategyRow), ...controls.map(controlRow)];
}

function strategyRow({ strategy, runs, ...figures }: ComparedStrategy): readonly string[] {
  const { testAccuracy, relativeCost, hypervolume, evaluations, seconds } = figures;
  return [
    strategy,
    accuracyText(testAccuracy),
    formatAccuracy(testAccuracy?.lowest),
    relativeCost === null ? UNKNOWN : factorText(relativeCost.mean),
    spreadText(hypervolume, (value) => value.toFixed(3)),
    evaluations === null ? UNKNOWN : evaluations.mean.toFixed(0),
    formatSeconds(seconds?.mean),
    seedsText(testAccuracy?.runs ?? 0, runs.length),
  ];
}

/** With how many seeds there is a result, of how many. */
const seedsText = (results: number, runs: number) => (results === runs ? String(runs) : `${results} of ${runs}`);

function controlRow({ control, testAccuracy, relativeCost, feasible }: ComparedControl): readonly string[] {
  const name = relativeCost === null || feasible ? control : `${control} (over the budget)`;
  const cost = relativeCost === null ? UNKNOWN : factorText(relativeCost);
  return [
    ...[name, accuracyText(testAccuracy), formatAccuracy(testAccuracy?.lowest), cost],
    ...[UNKNOWN, UNKNOWN, UNKNOWN, String(testAccuracy?.runs ?? 0)],
  ];
}

/** Mean and standard deviation over seeds; the deviation of a single run is not known. */
function accuracyText(spread: Spread | null): string {
  if (spread === null) return UNKNOWN;
  const deviation = spread.runs < 2 ? '' : ` ± ${(100 * spread.deviation).toFixed(2)}`;
  return `${(100 * spread.mean).toFixed(2)}${deviation} %`;
}

function spreadText(spread: Spread | null, format: (value: number) => string): string {
  if (spread === null) return UNKNOWN;
  return spread.runs < 2 ? format(spread.mean) : `${format(spread.mean)} ± ${format(spread.deviation)}`;
}

const factorText = (factor: number) => `${factor.toFixed(3)}x`;
