import type { NetworkComparison } from '@bitwright/cost-tables';

/** How far sums over a table are from whole networks, for people. */
export function tableComparisonText(comparison: NetworkComparison): string {
  const { network, policies, meanAbsoluteErrorPercent: error, biasPercent: bias, rankCorrelation: rank } = comparison;
  const direction = bias > 0 ? 'too slow' : 'too fast';
  const order =
    rank === undefined
      ? 'no order to compare: all take equally long'
      : `rank correlation ${rank.toFixed(3)} (Spearman)`;
  return [
    `sums over the table against ${network}, measured whole under ${policies} random policies:`,
    `  mean absolute error ${error.toFixed(1)} %`,
    `  bias ${bias.toFixed(1)} %: on average the sums are ${Math.abs(bias).toFixed(1)} % ${direction}`,
    `  ${order}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}
