/**
 * DDQ against PACT: levels and bits learned within a mean of bits, and uniform bits with learned clip thresholds, after
 * equal training (samples, epochs, rate, batch, seed), first and last layer at 8 bits for both; accuracy on the test
 * split of Fashion-MNIST.
 *
 *   node --conditions=@bitwright/source --import tsx test/fidelity/ddq.ts \
 *     [--networks mobilenet-v2:0.35,resnet-20:1] [--seeds 1] [--bits 4] [--samples 16384] [--epochs 2] [--rate 0.005] \
 *     [--maximum-bits 6] [--minimum-bits 2] [--split test]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { MemoryArtifactStore } from '@bitwright/adapters';
import { deriveLayers, type Fidelity, type ModelSource, type Quantizer, uniformPolicy } from '@bitwright/core';
import { LocalQuantizer } from '@bitwright/engine';
import { LEARN_DEFAULTS } from '../../services/cli/src/flags/learn-flags.js';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';
import { zooLibrary } from '../../services/quantizer/src/model-library.js';

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'mobilenet-v2:0.35,resnet-20:1' },
    seeds: { type: 'string', default: '1' },
    bits: { type: 'string', default: '4' },
    samples: { type: 'string', default: String(LEARN_DEFAULTS.samples) },
    epochs: { type: 'string', default: String(LEARN_DEFAULTS.epochs) },
    rate: { type: 'string', default: String(LEARN_DEFAULTS.learningRate) },
    'maximum-bits': { type: 'string', default: String(LEARN_DEFAULTS.maximumBits) },
    'minimum-bits': { type: 'string', default: String(LEARN_DEFAULTS.minimumBits) },
    split: { type: 'string', default: 'test' },
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
};
const dataset = { name: 'fashion-mnist' };
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

function toModel(text: string): ModelSource {
  const [network = '', width = '1'] = text.split(':');
  return { kind: 'zoo', network, width: Number(width), imageSize: 32, classes: 10 };
}

/** `bits` everywhere but in the first and the last layer. */
async function pinnedUniform(quantizer: Quantizer, model: ModelSource) {
  const { network } = await quantizer.describeModel(model);
  const policy = uniformPolicy(deriveLayers(network).length, bits);
  const eight = { weightBits: 8, activationBits: 8 };
  return { ...policy, layers: policy.layers.with(0, eight).with(-1, eight) };
}

async function compare(quantizer: Quantizer, name: string, seed: number) {
  const model = toModel(name);
  const task = { model, dataset, fidelity, split, seed } as const;
  const float = await quantizer.evaluatePolicy({ ...task, policy: undefined });
  const pact = await quantizer.evaluatePolicy({ ...task, policy: await pinnedUniform(quantizer, model) });
  const { gateOrder, levelRate, correction, gateRate } = LEARN_DEFAULTS;
  const [maximumBits, minimumBits] = [Number(values['maximum-bits']), Number(values['minimum-bits'])];
  const learned = await quantizer.learnPrecision({
    ...{ ...task, maximumBits, minimumBits, gateOrder, levelRate, correction, gateRate, pin: 'first-last' },
    budget: { kind: 'mean-bits', weightBits: bits, activationBits: bits },
  });
  const cells = [name, seed, ...[float, pact, learned].map(({ accuracy }) => percent(accuracy))];
  const uniform = percent(learned.uniformAccuracy);
  console.log(
    `| ${[...cells, uniform, `${pact.seconds.toFixed(0)} s`, `${learned.seconds.toFixed(0)} s`].join(' | ')} |`,
  );
  const { layers } = learned.policy;
  console.error(layers.map(({ weightBits, activationBits }) => `${weightBits}/${activationBits}`).join(' '));
}

const artifacts = new MemoryArtifactStore();
const dataFolder = defaultDataFolder(process.env);
const quantizer = new LocalQuantizer({ artifacts, library: zooLibrary, dataFolder, workers: 1, maximumWaiting: 4 });
try {
  console.log(
    `| network | seed | float | PACT ${bits}/${bits} | DDQ, mean ${bits}/${bits} | its uniform grids | PACT | DDQ |`,
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const name of values.networks.split(',')) {
    for (const seed of values.seeds.split(',').map(Number)) await compare(quantizer, name, seed);
  }
} finally {
  quantizer.close();
}
