import type { Report, StrategyComparison } from '@bitwright/core';
import { htmlTable } from '../report/html/markup.js';
import { renderPage, type Section } from '../report/html/page.js';
import { modelText } from '../report/model-text.js';
import { testImagesText, validationImagesText } from '../report/sample-counts.js';
import { hardwareOf } from '../report/targets.js';
import { formatAccuracy, formatSeconds, UNKNOWN } from '../terminal/format.js';
import { frontsChart, seedsChart } from './comparison-charts.js';
import { COMPARISON_HEADS, comparisonRows } from './comparison-rows.js';
import { verdictText } from './comparison-text.js';
import type { FailedRun } from './run-searches.js';

/** A page on strategies that searched the same; self-contained, without scripts. `sample` is any of their reports. */
export function renderStrategyComparisonHtml(
  comparison: StrategyComparison,
  sample: Report,
  failures: readonly FailedRun[],
): string {
  return renderPage({
    title: titleOf(sample),
    lead: verdictText(comparison),
    sections: [...sections(comparison, sample), ...(failures.length === 0 ? [] : [failureSection(failures)])],
  });
}

function titleOf(report: Report): string {
  const hardware = hardwareOf(report).map(({ name }) => name);
  const budget = [...new Set(report.constraints.map((constraint) => constraint.budget))];
  const under = budget.length === 0 ? '' : `, ${budget.join(', ')}`;
  return `Strategies for ${modelText(report.provenance.spec.model)} on ${hardware.join(' and ')}${under}`;
}

function sections(comparison: StrategyComparison, sample: Report): readonly Section[] {
  const { provenance } = sample;
  const { maxTrials } = provenance.spec;
  return [
    {
      heading: 'Strategies and controls',
      note: `Each strategy had ${maxTrials} policies measured with each seed at most; then its best ones and the controls got the same final fine-tuning. Accuracy is top-1 on ${testImagesText(sample)} of ${provenance.dataset}, mean ± standard deviation over seeds.`,
      content: htmlTable(
        COMPARISON_HEADS,
        comparisonRows(comparison).map((cells, index) => ({ cells, className: index === 0 ? 'result' : '' })),
      ),
    },
    {
      heading: 'Fronts',
      note: `What each strategy had measured with all seeds together: accuracy on ${validationImagesText(sample)}, before the final fine-tuning, against the cost as a part of what 8 bits everywhere cost.`,
      content: frontsChart(comparison),
    },
    {
      heading: 'Seeds',
      note: "Test accuracy of each strategy's own best policy, seed by seed.",
      content: seedsChart(comparison),
    },
    {
      heading: 'Searches',
      note: 'bitwright show and bitwright report have more of each.',
      content: runTable(comparison),
    },
  ];
}

function failureSection(failures: readonly FailedRun[]): Section {
  const rows = failures.map(({ strategy, seed, message }) => ({ cells: [strategy, String(seed), message] }));
  return {
    heading: 'Searches without a result',
    note: 'They are in no figure above; the same command tries them again.',
    content: htmlTable(['strategy', 'seed', 'why'], rows),
  };
}

function runTable({ strategies }: StrategyComparison): string {
  const rows = strategies.flatMap(({ strategy, runs }) =>
    runs.map((run) => [
      ...[strategy, String(run.seed), formatAccuracy(run.testAccuracy), formatAccuracy(run.validationAccuracy)],
      run.relativeCost === null ? UNKNOWN : `${run.relativeCost.toFixed(3)}x`,
      run.effectiveBits === null ? UNKNOWN : run.effectiveBits.toFixed(2),
      ...[run.hypervolume.toFixed(3), String(run.evaluations), formatSeconds(run.seconds), run.searchId],
    ]),
  );
  const heads = ['strategy', 'seed', 'test', 'validation', 'of 8 bit', 'mean weight bits', 'hypervolume', 'policies'];
  return htmlTable(
    [...heads, 'time', 'search'],
    rows.map((cells) => ({ cells })),
  );
}
