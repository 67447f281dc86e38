/**
 * Which figure of a search's short evaluation tells policies apart: uniform bits, fine-tuned as a search's trials are, once
 * with each seed; mean and standard deviation of accuracy, loss, and loss at the best temperature on the validation split,
 * and by how many standard deviations neighbouring widths differ. The more, the less of a ranking is chance.
 *
 *   node --conditions=@bitwright/source --import tsx test/fidelity/policy-figures.ts \
 *     [--networks mobilenet-v2:0.35,resnet-20] [--bits 6,5,4] [--seeds 8]
 */
import { parseArgs } from 'node:util';
import { DEFAULT_TRIAL_FIDELITY, pinnedUniformPolicy, type Spread, spreadOf } from '@bitwright/core';
import { finish, type Measurement } from '@bitwright/engine';
import { printTable } from './markdown-table.js';
import { openZooEvaluator } from './zoo-evaluator.js';

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'mobilenet-v2:0.35,resnet-20' },
    bits: { type: 'string', default: '6,5,4' },
    seeds: { type: 'string', default: '8' },
  },
});

const FIGURES: Readonly<Record<string, (measured: Measurement) => number>> = {
  accuracy: ({ accuracy }) => accuracy,
  loss: ({ loss }) => loss,
  'calibrated loss': ({ calibratedLoss }) => calibratedLoss,
};

type Row = { readonly bits: string; readonly spreads: readonly Spread[] };

async function measure(name: string): Promise<readonly Row[]> {
  using evaluator = (await openZooEvaluator(name)).evaluator;
  return values.bits.split(',').map((bits) => {
    const policy = pinnedUniformPolicy(evaluator.layers.length, Number(bits), 'first-last');
    const measured = Array.from({ length: Number(values.seeds) }, (_, index) =>
      finish(evaluator.evaluate({ policy, fidelity: DEFAULT_TRIAL_FIDELITY, split: 'validation', seed: index + 1 })),
    );
    return { bits, spreads: Object.values(FIGURES).map((figure) => spreadOf(measured.map(figure)) as Spread) };
  });
}

/** Difference of the means over the root of the mean variance. */
function apart(one: Spread, other: Spread): number {
  const variance = (one.deviation ** 2 + other.deviation ** 2) / 2;
  return Math.abs(one.mean - other.mean) / Math.sqrt(variance);
}

const show = ({ mean, deviation }: Spread) => `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;

for (const name of values.networks.split(',')) {
  const rows = await measure(name);
  const lines = rows.flatMap(({ bits, spreads }, index) => {
    const next = rows[index + 1];
    const line = [`${bits} bits`, ...spreads.map(show)];
    if (next === undefined) return [line];
    const distances = spreads.map((spread, figure) => apart(spread, next.spreads[figure] as Spread).toFixed(1));
    return [line, [`apart from ${next.bits}`, ...distances]];
  });
  printTable(`${name}, ${values.seeds} seeds`, ['', ...Object.keys(FIGURES)], lines);
}
