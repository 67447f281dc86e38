/**
 * Multipoint quantization against plain quantization, as in docs/quantizers/multipoint.md: post-training, 8-bit
 * activations, first and last layer at 8 bits, statistics of batch normalization estimated anew for every row; accuracy, and
 * what chance moves less: calibrated loss, and the share of images that are named as the float network names them; on the
 * whole Fashion-MNIST test split. A seed chooses the images that
 * everything is calibrated on. Each (network, seed, row) is kept as soon as it is known: remove
 * `.cache/fidelity/multipoint` after a change that can alter results.
 *
 *   npx tsx --conditions=@bitwright/source test/fidelity/multipoint.ts \
 *     [--networks mobilenet-v2,resnet-20] [--seeds 1,2,3] [--rows "plain 2,multipoint 2 = plain 3"]
 */
import { parseArgs } from 'node:util';
import {
  costOfPolicy,
  createRandomSource,
  FLOAT_BITS,
  hasPoints,
  isPinned,
  type Layer,
  type PointAllocation,
  type PrecisionPolicy,
  parsePointAllocation,
  permutation,
  pointFigures,
  uniformPolicy,
} from '@bitwright/core';
import { type Dataset, openDataset, selectSamples } from '@bitwright/datasets';
import { createPolicyEvaluator, finish, layerPointsOf, type PolicyEvaluator } from '@bitwright/engine';
import { readCheckpoint, readRecipes } from '@bitwright/zoo';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';
import { keepResults, resultFolder } from './kept-results.js';
import { printTable } from './markdown-table.js';

/** `float`; `plain 3`; `multipoint 2` (the default allocation), `multipoint 2 relative-error<=0.1`, `multipoint 2 = plain 3` (at its size). */
const ROWS = [
  ...['float', 'plain 2', 'multipoint 2 = plain 2', 'multipoint 2 relative-error<=0.02'],
  ...['plain 3', 'multipoint 3 = plain 3', 'multipoint 2 = plain 3', 'multipoint 3 relative-error<=0.02'],
  ...['plain 4', 'multipoint 4 = plain 4', 'multipoint 3 = plain 4', 'multipoint 2 = plain 4'],
  ...['multipoint 4 relative-error<=0.02', 'plain 5', 'multipoint 4 = plain 5'],
];

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'mobilenet-v2,resnet-20' },
    seeds: { type: 'string', default: '1,2,3' },
    rows: { type: 'string', default: ROWS.join(',') },
    out: { type: 'string', default: resultFolder('multipoint') },
  },
});

const kept = keepResults(values.out);

/** Sizes have 4 bytes for each scale, of plain rows too. */
type Result = {
  readonly accuracy: number;
  readonly calibratedLoss: number;
  /** Images that get the float network's class. */
  readonly asFloat: number;
  readonly sizeBytes: number;
  readonly operationsRatio: number;
};

const FIDELITY = {
  ...{ calibrationSamples: 256, finetuneSamples: 0, finetuneEpochs: 0, validationSamples: 0 },
  ...{ learningRate: 0.001, batchSize: 64 },
};

function plainPolicy(layers: readonly Layer[], bits: number): PrecisionPolicy {
  const policy = uniformPolicy(layers.length, bits, 8);
  const pinned = { weightBits: 8, activationBits: 8 };
  const isEnd = (index: number) => isPinned(index, layers.length, 'first-last');
  return { ...policy, layers: policy.layers.map((precision, index) => (isEnd(index) ? pinned : precision)) };
}

/** One scale a channel where multipoint has coefficients: what is compared is compared alike. */
function plainSize(layers: readonly Layer[], bits: number): number {
  const policy = plainPolicy(layers, bits);
  return costOfPolicy(layers, undefined, { ...policy, weightQuantizer: 'multipoint', layerPoints: onePoint(layers) })
    .sizeBytes;
}

const onePoint = (layers: readonly Layer[]) => layers.map(({ outChannels }) => outChannels);

function policyOf(row: string, layers: readonly Layer[]): PrecisionPolicy {
  const [, kind, bits, rule] = /^(plain|multipoint) (\d)\s*(.*)$/.exec(row.trim()) ?? [];
  if (kind === undefined) throw new Error(`"${row}" is no row; write for example "multipoint 2 = plain 3"`);
  const plain = plainPolicy(layers, Number(bits));
  if (kind === 'plain') return plain;
  const points = allocationOf(rule ?? '', layers);
  return { ...plain, weightQuantizer: 'multipoint', ...(points && { points }) };
}

function allocationOf(rule: string, layers: readonly Layer[]): PointAllocation | undefined {
  if (rule === '') return undefined;
  const [, bits] = /^= plain (\d)$/.exec(rule) ?? [];
  if (bits === undefined) return parsePointAllocation(rule);
  return { rule: 'size', limit: plainSize(layers, Number(bits)), maximumPoints: 4 };
}

const measure = (evaluator: PolicyEvaluator, policy: PrecisionPolicy | undefined, seed: number) =>
  finish(evaluator.evaluate({ policy, fidelity: FIDELITY, split: 'test', seed }));

function evaluate(evaluator: PolicyEvaluator, row: string, seed: number, floatClasses: Int32Array): Result {
  const { layers } = evaluator;
  const policy = row === 'float' ? undefined : policyOf(row, layers);
  const { accuracy, calibratedLoss, classes, plan = [] } = measure(evaluator, policy, seed);
  const same = classes.reduce((count, one, image) => count + (one === floatClasses[image] ? 1 : 0), 0);
  const quality = { accuracy, calibratedLoss, asFloat: same / classes.length };
  const plain = (bits: number) => ({ ...quality, sizeBytes: plainSize(layers, bits), operationsRatio: 1 });
  if (policy === undefined) return plain(FLOAT_BITS);
  const figures = pointFigures({ ...policy, layerPoints: layerPointsOf(plan) }, layers);
  const bits = Math.min(...policy.layers.map(({ weightBits }) => weightBits));
  if (figures === undefined || !hasPoints(policy, bits)) return plain(bits);
  return { ...quality, sizeBytes: figures.sizeBytes, operationsRatio: figures.operationsRatio };
}

/** Others first: everything that takes the first images after a fixed shuffle takes others. */
function withOtherImages(data: Dataset, seed: number): Dataset {
  const { training } = data.splits;
  const order = permutation(training.count, createRandomSource(seed));
  return { ...data, splits: { ...data.splits, training: selectSamples(training, order) } };
}

async function measureNetwork(network: string, rows: readonly string[], seeds: readonly number[], data: Dataset) {
  const recipe = (await readRecipes()).find((one) => one.network === network && one.dataset === 'fashion-mnist');
  if (recipe === undefined) throw new Error(`there is no checkpoint of ${network} for fashion-mnist`);
  const { model } = await readCheckpoint(recipe);
  const results = new Map<string, Result[]>(rows.map((row) => [row, []]));
  for (const seed of seeds) {
    using evaluator = createPolicyEvaluator(model, withOtherImages(data, seed), recipe.preprocess);
    let floatClasses: Int32Array | undefined;
    for (const row of rows) {
      const name = `${network}-${seed}-${row.replace(/[^\w.]+/g, '-')}`;
      const result = await kept(name, () => {
        floatClasses ??= measure(evaluator, undefined, seed).classes;
        return evaluate(evaluator, row, seed, floatClasses);
      });
      results.get(row)?.push(result);
      process.stderr.write(`${network}, seed ${seed}, ${row}: ${(100 * result.accuracy).toFixed(2)} %\n`);
    }
  }
  printTable(
    network,
    ['weights', 'accuracy', 'by seed', 'calibrated loss', 'by seed', 'as float', 'by seed', 'size, kB', 'operations'],
    [...results].map(toRow),
  );
}

function toRow([row, results]: [string, readonly Result[]]): readonly string[] {
  const mean = (of: (result: Result) => number) =>
    results.reduce((sum, result) => sum + of(result), 0) / Math.max(1, results.length);
  const percent = (share: number) => (100 * share).toFixed(2);
  return [
    row,
    `${percent(mean(({ accuracy }) => accuracy))} %`,
    results.map(({ accuracy }) => percent(accuracy)).join(' '),
    mean(({ calibratedLoss }) => calibratedLoss).toFixed(4),
    results.map(({ calibratedLoss }) => calibratedLoss.toFixed(4)).join(' '),
    `${percent(mean(({ asFloat }) => asFloat))} %`,
    results.map(({ asFloat }) => percent(asFloat)).join(' '),
    (mean(({ sizeBytes }) => sizeBytes) / 1000).toFixed(1),
    `${mean(({ operationsRatio }) => operationsRatio).toFixed(2)} x`,
  ];
}

const data = await openDataset('fashion-mnist', { root: defaultDataFolder(process.env) });
const list = (text: string) => text.split(',').map((part) => part.trim());
for (const network of list(values.networks))
  await measureNetwork(network, list(values.rows), list(values.seeds).map(Number), data);
