/**
 * DDQ against PACT: levels and bits learned within a mean of bits, levels alone at these bits, and uniform bits with
 * learned clip thresholds, after equal training (samples, epochs, rate, batch, targets, seed), first and last layer at 8
 * bits for all; accuracy on a split of Fashion-MNIST. Results are kept one by one; a second run goes on.
 *
 *   node --conditions=@bitwright/source --import tsx test/fidelity/ddq.ts \
 *     [--networks mobilenet-v2:0.35] [--seeds 1,2,3] [--bits 4] [--samples 55000] [--epochs 2] [--rate 0.03] \
 *     [--distillation 1] [--maximum-bits 6] [--minimum-bits 2] [--split test] [--rows pact,levels,bits]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { MemoryArtifactStore } from '@bitwright/adapters';
import {
  deriveLayers,
  type Fidelity,
  type ModelSource,
  pinnedUniformPolicy,
  type Quantizer,
  sha256Hex,
} from '@bitwright/core';
import { LocalQuantizer } from '@bitwright/engine';
import { openProcessFolder } from '@bitwright/service-kit';
import { LEARN_DEFAULTS } from '../../services/cli/src/flags/learn-flags.js';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';
import { createZooLibrary } from '../../services/quantizer/src/model-library.js';
import { keepResults, resultFolder } from './kept-results.js';
import { printTable } from './markdown-table.js';
import { zooSource } from './zoo-evaluator.js';

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'mobilenet-v2:0.35' },
    seeds: { type: 'string', default: '1,2,3' },
    bits: { type: 'string', default: '4' },
    samples: { type: 'string', default: '55000' },
    epochs: { type: 'string', default: '2' },
    rate: { type: 'string', default: '0.03' },
    distillation: { type: 'string', default: '1' },
    'maximum-bits': { type: 'string', default: String(LEARN_DEFAULTS.maximumBits) },
    'minimum-bits': { type: 'string', default: String(LEARN_DEFAULTS.minimumBits) },
    split: { type: 'string', default: 'test' },
    rows: { type: 'string', default: 'pact,levels,bits' },
    out: { type: 'string', default: resultFolder('ddq') },
  },
});

const bits = Number(values.bits);
const split = values.split === 'validation' ? 'validation' : 'test';
const fidelity: Fidelity = {
  calibrationSamples: LEARN_DEFAULTS.calibrationSamples,
  finetuneSamples: Number(values.samples),
  finetuneEpochs: Number(values.epochs),
  validationSamples: 0,
  learningRate: Number(values.rate),
  batchSize: LEARN_DEFAULTS.batchSize,
  distillation: Number(values.distillation),
};
const dataset = { name: 'fashion-mnist' };
const kept = keepResults(values.out);

/** Shares 0..1; `uniform` with uniform grids in place of the levels. */
type Result = {
  readonly accuracy: number;
  readonly uniform?: number;
  readonly seconds: number;
  readonly bits?: string;
};

type Measure = (quantizer: Quantizer, model: ModelSource, seed: number) => Promise<Result>;

async function pact(quantizer: Quantizer, model: ModelSource, seed: number): Promise<Result> {
  const { network } = await quantizer.describeModel(model);
  const policy = pinnedUniformPolicy(deriveLayers(network).length, bits, 'first-last');
  const { accuracy, seconds } = await quantizer.evaluatePolicy({ model, dataset, fidelity, split, seed, policy });
  return { accuracy, seconds };
}

function learned(minimumBits: number, maximumBits: number): Measure {
  const { gateOrder, levelRate, correction, gateRate } = LEARN_DEFAULTS;
  const options = { minimumBits, maximumBits, gateOrder, levelRate, correction, gateRate, pin: 'first-last' } as const;
  const budget = { kind: 'mean-bits', weightBits: bits, activationBits: bits } as const;
  return async (quantizer, model, seed) => {
    const task = { model, dataset, fidelity, split, seed } as const;
    const { accuracy, uniformAccuracy, seconds, policy } = await quantizer.learnPrecision({
      ...task,
      ...options,
      budget,
    });
    const layers = policy.layers.map(({ weightBits, activationBits }) => `${weightBits}/${activationBits}`);
    return { accuracy, uniform: uniformAccuracy, seconds, bits: layers.join(' ') };
  };
}

const ROWS: Readonly<Record<string, { readonly title: string; readonly measure: Measure }>> = {
  pact: { title: `PACT ${bits}/${bits}`, measure: pact },
  levels: { title: `levels learned, ${bits}/${bits}`, measure: learned(bits, bits) },
  bits: {
    title: `levels and bits learned, mean ${bits}/${bits}`,
    measure: learned(Number(values['minimum-bits']), Number(values['maximum-bits'])),
  },
};

const percent = (share: number) => (100 * share).toFixed(2);
const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const settings = sha256Hex(
  JSON.stringify([LEARN_DEFAULTS, fidelity, split, bits, values['minimum-bits'], values['maximum-bits']]),
);

async function compare(quantizer: Quantizer, name: string): Promise<void> {
  const model = zooSource(name);
  const table: string[][] = [];
  for (const row of values.rows.split(',')) {
    const { title, measure } = ROWS[row] as (typeof ROWS)[string];
    const results: Result[] = [];
    for (const seed of values.seeds.split(',').map(Number)) {
      const key = `${name.replace(':', '-')}-${row}-seed-${seed}-${settings.slice(0, 12)}`;
      const result = await kept(key, () => measure(quantizer, model, seed));
      process.stderr.write(`${name}, ${title}, seed ${seed}: ${percent(result.accuracy)} % ${result.bits ?? ''}\n`);
      results.push(result);
    }
    const accuracies = results.map(({ accuracy }) => accuracy);
    const grids = results.flatMap(({ uniform }) => uniform ?? []);
    const seconds = meanOf(results.map((result) => result.seconds));
    const uniform = grids.length === 0 ? '' : percent(meanOf(grids));
    table.push([title, percent(meanOf(accuracies)), accuracies.map(percent).join(', '), uniform, seconds.toFixed(0)]);
  }
  const float = await quantizer.evaluatePolicy({ model, dataset, fidelity, split, seed: 1, policy: undefined });
  const title = `${name}, ${split} split, float ${percent(float.accuracy)} %`;
  printTable(title, ['', '%', 'by seed', 'with uniform grids', 's'], table);
}

const folder = await openProcessFolder('measurements');
const quantizer = new LocalQuantizer({
  artifacts: new MemoryArtifactStore(),
  library: createZooLibrary(),
  dataFolder: defaultDataFolder(process.env),
  temporaryFolder: folder.path,
  workers: 1,
  maximumWaiting: 4,
});
try {
  for (const name of values.networks.split(',')) await compare(quantizer, name);
} finally {
  quantizer.close();
  await folder.remove();
}
