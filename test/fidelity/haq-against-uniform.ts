/**
 * HAQ's own best policy against the uniform policy that fits the same budget: same final fine-tuning, statistics of
 * batch normalization estimated anew for both, accuracy on the test split. MobileNetV2 0.35 for Fashion-MNIST on
 * bismo-edge; budgets are shares of the 8-bit latency. Each (seed, budget) is kept as soon as it is known, and a second
 * run goes on from there: remove `.cache/fidelity/haq-against-uniform` after a change that can alter results.
 *
 *   node --conditions=@bitwright/source --import tsx test/fidelity/haq-against-uniform.ts \
 *     [--seeds 1,2,3] [--budgets 0.3,0.45,0.6] [--trials 60] [--workers 2]
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  DEFAULT_FINAL_FIDELITY,
  DEFAULT_TRIAL_FIDELITY,
  type PartialSearchSpec,
  parseConstraint,
  type Report,
  type SearchProgress,
} from '@bitwright/core';
import { openLocalSearches } from '../local-search.js';
import { type Comparison, summarize } from './comparison-table.js';
import { keepResults, resultFolder } from './kept-results.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    budgets: { type: 'string', default: '0.3,0.45,0.6' },
    trials: { type: 'string', default: '60' },
    workers: { type: 'string', default: '2' },
    network: { type: 'string', default: 'mobilenet-v2' },
    width: { type: 'string', default: '0.35' },
    hardware: { type: 'string', default: 'bismo-edge' },
    'trial-samples': { type: 'string', default: String(DEFAULT_TRIAL_FIDELITY.finetuneSamples) },
    'validation-samples': { type: 'string', default: String(DEFAULT_TRIAL_FIDELITY.validationSamples) },
    'final-samples': { type: 'string', default: String(DEFAULT_FINAL_FIDELITY.finetuneSamples) },
    'final-rate': { type: 'string', default: String(DEFAULT_FINAL_FIDELITY.learningRate) },
    finalists: { type: 'string', default: '4' },
    out: { type: 'string', default: resultFolder('haq-against-uniform') },
  },
});

const numbers = (text: string) => text.split(',').map(Number);

function specOf(seed: number, budget: number): PartialSearchSpec {
  return {
    model: { kind: 'zoo', network: values.network, width: Number(values.width), imageSize: 32, classes: 10 },
    dataset: { name: 'fashion-mnist' },
    hardware: [{ name: values.hardware }],
    budget: [parseConstraint(`latency<=${budget}x`)],
    strategy: { name: 'haq', options: {} },
    maxTrials: Number(values.trials),
    trialFidelity: {
      ...DEFAULT_TRIAL_FIDELITY,
      finetuneSamples: Number(values['trial-samples']),
      validationSamples: Number(values['validation-samples']),
    },
    finalFidelity: {
      ...DEFAULT_FINAL_FIDELITY,
      finetuneSamples: Number(values['final-samples']),
      learningRate: Number(values['final-rate']),
    },
    finalists: Number(values.finalists),
    seed,
  };
}

/** Of the controls that fit, the uniform one with the most bits. */
function fittingUniform({ baselines }: Report) {
  const fitting = baselines.filter(({ strategy, feasible }) => feasible && strategy.startsWith('uniform-'));
  return fitting.sort((a, b) => b.effectiveBits - a.effectiveBits)[0];
}

function compare(seed: number, budget: number, report: Report): Comparison {
  const haq = report.strategyBest;
  const uniform = fittingUniform(report);
  const float = report.baselines.find(({ strategy }) => strategy === 'float');
  if (haq?.testAccuracy == null || uniform?.testAccuracy == null || float?.testAccuracy == null) {
    throw new Error('a policy was not measured on the test split');
  }
  const origin = report.trials.find(
    ({ role, policyHash }) => role === 'strategy' && policyHash === haq.policyHash,
  )?.origin;
  return {
    ...{ seed, budget, haqOrigin: origin ?? '', uniform: uniform.strategy },
    ...{ haqAccuracy: haq.testAccuracy, uniformAccuracy: uniform.testAccuracy, floatAccuracy: float.testAccuracy },
    ...{
      haqLatencyMs: haq.latencyMs ?? 0,
      uniformLatencyMs: uniform.latencyMs ?? 0,
      limitMs: report.constraints[0]?.limit ?? 0,
    },
    seconds: report.provenance.seconds,
  };
}

/** The name of one comparison, which tells one set of parameters from another. */
function nameOf(seed: number, budget: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(specOf(seed, budget)))
    .digest('hex')
    .slice(0, 12);
  return `${values.network}-${values.width}-budget-${budget}-seed-${seed}-${hash}`;
}

function showProgress({ phase, done, total, etaSeconds, best }: SearchProgress): void {
  const eta = etaSeconds === undefined ? '' : `, ${Math.ceil(etaSeconds / 60)} min left`;
  const found = best === undefined ? '' : `, best ${(100 * best.accuracy).toFixed(2)} % (${best.origin})`;
  process.stderr.write(`\r\x1b[2K${phase} ${done}/${total}${found}${eta}`);
}

/** Which code a result is of; results of older code stay until their files are removed. */
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
const kept = keepResults(values.out);
await using searches = await openLocalSearches({ workers: Number(values.workers) });
const comparisons: Comparison[] = [];
for (const seed of numbers(values.seeds)) {
  for (const budget of numbers(values.budgets)) {
    const { comparison } = await kept(nameOf(seed, budget), async () => {
      process.stderr.write(`\nbudget ${budget}, seed ${seed}\n`);
      const report = await searches.run(specOf(seed, budget), showProgress);
      process.stderr.write('\n');
      return { commit, comparison: compare(seed, budget, report), report };
    });
    comparisons.push(comparison);
  }
}
const { text, rows } = summarize(comparisons);
console.log(text);
writeFileSync(
  `${values.out}/summary.json`,
  `${JSON.stringify({ settings: values, comparisons, rows }, undefined, 2)}\n`,
);
