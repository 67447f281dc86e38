/**
 * The two files of a search in ONNX Runtime, as in docs/measurements.md: accuracy (uniform bits, no fine-tuning, test split of
 * Fashion-MNIST), and time against float32 (batch of 1; images of 224 pixels with made-up weights).
 * npx tsx --conditions=@bitwright/source test/fidelity/exported-forms.ts accuracy
 * npx tsx --conditions=@bitwright/source test/fidelity/exported-forms.ts speed|points [threads]
 */
import process from 'node:process';
import { deriveLayers, type Layer, type Model, pinnedUniformPolicy, signedTensors } from '@bitwright/core';
import { finish } from '@bitwright/engine';
import { timeInTurn } from '@bitwright/engine/timing';
import { exportIntegerGraph, exportOnnx, exportQdq, type LayerQuantization } from '@bitwright/onnx';
import { tunedIntegers } from '../../libs/engine/src/integer/tuned-integers.js';
import { exportTunedModel } from '../../libs/engine/src/jobs/export-tuned-model.js';
import { madeUpModel, madeUpRanges } from './made-up-model.js';
import { printTable } from './markdown-table.js';
import './no-telemetry.js';
import { ALL_ROUNDS, timingTexts } from './timing-texts.js';
import { openZooEvaluator } from './zoo-evaluator.js';

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const CONTEXT = { signal: new AbortController().signal, onProgress: () => {}, pause: async () => {} };
const FIDELITY = {
  ...{ calibrationSamples: 512, finetuneSamples: 0, finetuneEpochs: 0, validationSamples: 0 },
  ...{ learningRate: 0.001, batchSize: 64 },
};

async function accuracyRows(name: string): Promise<readonly (readonly string[])[]> {
  const zoo = await openZooEvaluator(name);
  using evaluator = zoo.evaluator;
  const rows: (readonly string[])[] = [];
  for (const bits of [8, 6, 5, 4]) {
    const policy = pinnedUniformPolicy(evaluator.layers.length, bits, 'first-last');
    const { parameters, plan = [] } = finish(
      evaluator.evaluate({ policy, fidelity: FIDELITY, split: 'test', seed: 1 }),
    );
    const tuned = { model: { network: zoo.model.network, parameters }, plan };
    const { result, integers } = await exportTunedModel(tuned, evaluator, zoo, CONTEXT);
    const found = integers?.result ?? result;
    const shares = [result.simulatedAccuracy, result.testAccuracy, result.parity, found.testAccuracy, found.parity];
    rows.push([name, String(bits), ...shares.map(percent)]);
  }
  return rows;
}

type WeightOf = (layer: Layer, model: Model) => LayerQuantization['weight'];

/** 8 bits with made-up scales: what kernels take does not depend on values. */
const eightBits: WeightOf = ({ outChannels }) => {
  return { kind: 'linear', bits: 8, scales: new Float32Array(outChannels).fill(0.01) };
};

/** Points of 3 bits, two in every other channel. */
const points: WeightOf = ({ name, outChannels }, { parameters }) => {
  const counts = Uint8Array.from({ length: outChannels }, (_, channel) => 1 + (channel % 2));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const size = (parameters.get(`${name}.weight`)?.values.length ?? 0) / outChannels;
  const codes = Int8Array.from({ length: total * size }, (_, index) => (index % 8) - 4);
  return { kind: 'multipoint', points: { bits: 3, counts, codes, coefficients: new Float32Array(total).fill(0.01) } };
};

/** Made-up weights and 8-bit inputs. */
function madeUp(name: string, weightOf: WeightOf) {
  const model = madeUpModel(name);
  const signed = signedTensors(model.network);
  const inputs = new Map(model.network.nodes.map(({ id, inputs: [input = ''] }) => [id, input]));
  const layers = deriveLayers(model.network).map(
    (layer): LayerQuantization => ({
      node: layer.name,
      weight: weightOf(layer, model),
      activation: { kind: 'linear', bits: 8, scale: 0.02, signed: signed.has(inputs.get(layer.name) ?? '') },
    }),
  );
  const integers =
    weightOf === points
      ? exportQdq(model, layers, { integerProducts: true })
      : exportIntegerGraph(tunedIntegers(model, layers, madeUpRanges(model)), model.parameters);
  const files = new Map([
    ['float32', exportOnnx(model)],
    ['model.onnx', exportQdq(model, layers)],
    ['model.integers.onnx', integers],
  ]);
  return { network: model.network, files };
}

async function speedRows(name: string, threads: number, weightOf: WeightOf): Promise<readonly (readonly string[])[]> {
  const { network, files } = madeUp(name, weightOf);
  const timings = await timeInTurn(files, network, { threads, batch: 1, ...ALL_ROUNDS });
  return timings.map(({ name: form, ...timing }) => [`${name}, 224`, form, ...timingTexts(timing)]);
}

const [, , what = 'accuracy', threads = '1'] = process.argv;
if (what === 'speed' || what === 'points') {
  const weightOf = what === 'points' ? points : eightBits;
  const rows = [
    ...(await speedRows('mobilenet-v2', Number(threads), weightOf)),
    ...(await speedRows('resnet-18', Number(threads), weightOf)),
  ];
  printTable(
    `ONNX Runtime, ${threads} thread(s), batch of 1`,
    ['network', 'file', 'ms (spread)', 'speed-up (spread)'],
    rows,
  );
} else {
  const rows = [...(await accuracyRows('mobilenet-v2:0.35')), ...(await accuracyRows('resnet-20'))];
  const columns = ['network', 'bits', 'simulated', 'model.onnx', 'same class', 'model.integers.onnx', 'same class'];
  printTable('test split, without fine-tuning', columns, rows);
}
