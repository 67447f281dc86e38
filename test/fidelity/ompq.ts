/**
 * OMPQ and the sensitivity strategy on trained networks, post-training (no fine-tuning; statistics of batch normalization
 * estimated anew for every policy alike), accuracy on the test split: their solutions against 20 random policies of the
 * same size, against the projection by size alone, and against the uniform policy that fits. Weights alone are mixed,
 * activations have 8 bits, first and last layer stay at 8 bits. A seed decides the feature batch and the random policies.
 * Also how long the search takes once the layers are measured. Results are kept one by one; a second run goes on.
 *
 *   node --conditions=@bitwright/source --import tsx test/fidelity/ompq.ts \
 *     [--networks mobilenet-v2,resnet-20] [--sizes 0.375,0.5] [--seeds 1,2,3] [--randoms 20] [--betas 0.1] [--split test]
 */
import { parseArgs } from 'node:util';
import { MemoryArtifactStore } from '@bitwright/adapters';
import {
  createRandomSource,
  deriveLayers,
  type Layer,
  type ModelSource,
  mapConcurrent,
  type PrecisionPolicy,
  policyHash,
  type RandomSource,
  type SearchProblem,
  type SensitivityReport,
  type Split,
  uniformInSpace,
} from '@bitwright/core';
import { LocalQuantizer } from '@bitwright/engine';
import { openProcessFolder } from '@bitwright/service-kit';
import { findStrategy } from '@bitwright/strategies';
import { createProblem } from '../../libs/strategies/src/testing/problems.js';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';
import { createZooLibrary } from '../../services/quantizer/src/model-library.js';
import { keepResults, resultFolder } from './kept-results.js';
import { printTable } from './markdown-table.js';

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'mobilenet-v2,resnet-20' },
    sizes: { type: 'string', default: '0.375,0.5' },
    seeds: { type: 'string', default: '1,2,3' },
    randoms: { type: 'string', default: '20' },
    betas: { type: 'string', default: '0.1' },
    split: { type: 'string', default: 'test' },
    workers: { type: 'string', default: '2' },
    out: { type: 'string', default: resultFolder('ompq') },
  },
});
const numbers = (text: string) => text.split(',').map(Number);

const WIDTHS = [2, 3, 4, 5, 6, 7, 8];
const DATASET = { name: 'fashion-mnist' };
const MODELS: Readonly<Record<string, ModelSource>> = {
  'mobilenet-v2': { kind: 'zoo', network: 'mobilenet-v2', width: 0.35, imageSize: 32, classes: 10 },
  'resnet-20': { kind: 'zoo', network: 'resnet-20', width: 1, imageSize: 32, classes: 10 },
};
const FIDELITY = {
  ...{ calibrationSamples: 256, finetuneSamples: 0, finetuneEpochs: 0, validationSamples: 0 },
  ...{ learningRate: 0.001, batchSize: 64 },
};

const folder = await openProcessFolder('measurements');
const quantizer = new LocalQuantizer({
  ...{ artifacts: new MemoryArtifactStore(), library: createZooLibrary(), dataFolder: defaultDataFolder(process.env) },
  ...{ temporaryFolder: folder.path, workers: Number(values.workers), maximumWaiting: 1000 },
});
const kept = keepResults(values.out);

function accuracyOf(network: string, policy: PrecisionPolicy): Promise<number> {
  const model = MODELS[network] as ModelSource;
  const request = { model, dataset: DATASET, policy, fidelity: FIDELITY, split: values.split as Split, seed: 1 };
  return kept(`${network}-${values.split}-${policyHash(policy).slice(0, 16)}`, async () => {
    const { accuracy } = await quantizer.evaluatePolicy(request);
    return accuracy;
  });
}

function sensitivityOf(network: string, seed: number): Promise<SensitivityReport> {
  const request = {
    ...{ model: MODELS[network] as ModelSource, dataset: DATASET, seed, featureSamples: 64, samples: 256 },
    measures: ['orthogonality', 'loss-increase', 'output-divergence'] as const,
    scheme: { weightQuantizer: 'linear', granularity: 'per-channel' } as const,
    ...{ weightBits: WIDTHS, activationBits: [8], calibrationSamples: 256 },
  };
  return kept(`${network}-sensitivity-${seed}`, () => quantizer.measureSensitivity(request));
}

function sizeOf(layers: readonly Layer[], weightBits: readonly number[]): number {
  return layers.reduce((sum, { weights }, index) => sum + weights * (weightBits[index] as number), 0);
}

/** Random widths, moved at random until the size is as near to the limit as a layer's bit allows. */
function randomPolicy({ layers, space }: SearchProblem, limitBits: number, random: RandomSource): PrecisionPolicy {
  const bits = space.layers.map(({ weightBits }) => weightBits[random.integer(weightBits.length)] as number);
  const moves = (by: number) =>
    layers.flatMap(({ index }) =>
      space.layers[index]?.weightBits.includes((bits[index] as number) + by) ? [index] : [],
    );
  const move = (by: number, candidates: readonly number[]) => {
    const layer = candidates[random.integer(candidates.length)] as number;
    bits[layer] = (bits[layer] as number) + by;
  };
  while (sizeOf(layers, bits) > limitBits) move(-1, moves(-1));
  for (;;) {
    const fitting = moves(1).filter((index) => sizeOf(layers, bits) + (layers[index] as Layer).weights <= limitBits);
    if (fitting.length === 0) break;
    move(1, fitting);
  }
  const { weightQuantizer, granularity } = space;
  return { weightQuantizer, granularity, layers: bits.map((weightBits) => ({ weightBits, activationBits: 8 })) };
}

type Row = { readonly name: string; readonly accuracies: number[] };

async function compare(network: string, size: number): Promise<{ rows: Row[]; solveMs: number[] }> {
  const description = await quantizer.describeModel(MODELS[network] as ModelSource);
  const layers = deriveLayers(description.network);
  const problem = createProblem({
    layers,
    sizeRatio: size,
    weightBits: WIDTHS,
    activationBits: [8],
    pin: 'first-last',
  });
  const limitBits = 8 * (problem.constraints[0]?.limit ?? 0);
  const rows = new Map<string, number[]>();
  const add = async (name: string, policies: readonly PrecisionPolicy[]) => {
    const measured = await mapConcurrent(policies, Number(values.workers), (policy) => accuracyOf(network, policy));
    const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length;
    rows.set(name, [...(rows.get(name) ?? []), mean]);
    process.stderr.write(`${network} ${size}x ${name}: ${(100 * mean).toFixed(2)} %\n`);
  };
  const solveMs: number[] = [];
  for (const seed of numbers(values.seeds)) {
    const known = { ...problem, sensitivity: await sensitivityOf(network, seed) };
    const solve = async (strategy: string, options: Readonly<Record<string, unknown>>) => {
      const started = performance.now();
      const solved = await findStrategy(strategy).solve?.({ problem: known, options });
      if (strategy === 'ompq') solveMs.push(performance.now() - started);
      return solved?.policy as PrecisionPolicy;
    };
    for (const beta of numbers(values.betas)) {
      await add(`ompq, beta ${beta}`, [await solve('ompq', { beta })]);
      await add(`ompq, beta ${beta}, gain linear`, [await solve('ompq', { beta, gain: 'linear' })]);
    }
    await add('sensitivity, loss-increase', [await solve('sensitivity', { measure: 'loss-increase' })]);
    await add('sensitivity, output-divergence', [await solve('sensitivity', { measure: 'output-divergence' })]);
    const random = createRandomSource(seed);
    const randoms = Array.from({ length: Number(values.randoms) }, () => randomPolicy(problem, limitBits, random));
    if (randoms.length > 0) await add(`mean of ${randoms.length} random policies`, randoms);
  }
  const context = { problem, random: createRandomSource(1), options: { solver: 'reference' } };
  const [reference] = await findStrategy('ompq').create(context).ask(1);
  await add('projection by size', [(reference as { policy: PrecisionPolicy }).policy]);
  const uniforms = WIDTHS.toReversed().map((bits) => uniformInSpace(problem.space, bits, 8));
  const fitting = uniforms.find(
    ({ layers: chosen }) =>
      sizeOf(
        layers,
        chosen.map(({ weightBits }) => weightBits),
      ) <= limitBits,
  );
  await add('uniform that fits', [fitting as PrecisionPolicy]);
  return { rows: [...rows].map(([name, accuracies]) => ({ name, accuracies })), solveMs };
}

const percent = (value: number) => (100 * value).toFixed(2);
for (const network of values.networks.split(',')) {
  for (const size of numbers(values.sizes)) {
    const { rows, solveMs } = await compare(network, size);
    const table = rows.map(({ name, accuracies }) => {
      const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
      return [name, percent(mean), accuracies.map(percent).join(', ')];
    });
    const title = `${network}, ${size} of the 8-bit size, ${values.split} split, post-training, %`;
    printTable(title, ['policy', 'mean', 'by seed'], table);
    console.log(`ompq solved in ${solveMs.map((ms) => ms.toFixed(0)).join(', ')} ms\n`);
  }
}
quantizer.close();
await folder.remove();
