/**
 * Which figure of a search's short evaluation tells policies apart: uniform bits, fine-tuned as a search's trials are, once
 * with each seed; mean and standard deviation of accuracy, loss, and loss at the best temperature on the validation split,
 * and by how many standard deviations neighbouring widths differ. The more, the less of a ranking is chance.
 *
 *   node --conditions=@bitwright/source --import tsx test/fidelity/policy-figures.ts \
 *     [--networks mobilenet-v2:0.35,resnet-20] [--bits 6,5,4] [--seeds 8]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type ModelSource, pinnedUniformPolicy, type Spread, spreadOf } from '@bitwright/core';
import { openDataset } from '@bitwright/datasets';
import { createPolicyEvaluator, finish, type Measurement } from '@bitwright/engine';
import { importOnnx } from '@bitwright/onnx';
import { preprocessingOf } from '../../libs/engine/src/jobs/workbench.js';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';
import { zooLibrary } from '../../services/quantizer/src/model-library.js';
import { printTable } from './markdown-table.js';

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'mobilenet-v2:0.35,resnet-20' },
    bits: { type: 'string', default: '6,5,4' },
    seeds: { type: 'string', default: '8' },
  },
});

/** Of a trial, unless a search is told otherwise. */
const FIDELITY = {
  ...{ calibrationSamples: 256, finetuneSamples: 2048, finetuneEpochs: 1, validationSamples: 5000 },
  ...{ learningRate: 0.001, batchSize: 64 },
};

const FIGURES: Readonly<Record<string, (measured: Measurement) => number>> = {
  accuracy: ({ accuracy }) => accuracy,
  loss: ({ loss }) => loss,
  'calibrated loss': ({ calibratedLoss }) => calibratedLoss,
};

type Row = { readonly bits: string; readonly spreads: readonly Spread[] };

async function measure(name: string): Promise<readonly Row[]> {
  const [network = '', width = '1'] = name.split(':');
  const source: ModelSource = { kind: 'zoo', network, width: Number(width), imageSize: 32, classes: 10 };
  const { model, metadata } = importOnnx((await zooLibrary.find(source))?.onnx ?? new Uint8Array(0));
  const data = await openDataset('fashion-mnist', { root: defaultDataFolder(process.env) });
  const preprocessing = preprocessingOf(metadata);
  if (preprocessing === undefined) throw new Error(`${name} does not say how its images are prepared`);
  using evaluator = createPolicyEvaluator(model, data, preprocessing);
  return values.bits.split(',').map((bits) => {
    const policy = pinnedUniformPolicy(evaluator.layers.length, Number(bits), 'first-last');
    const measured = Array.from({ length: Number(values.seeds) }, (_, index) =>
      finish(evaluator.evaluate({ policy, fidelity: FIDELITY, split: 'validation', seed: index + 1 })),
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
