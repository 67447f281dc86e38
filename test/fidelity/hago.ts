/**
 * HAGO's figures as in docs/strategies/hago.md:
 * npx tsx --conditions=@bitwright/source test/fidelity/hago.ts speed [threads] [images of a batch]
 * npx tsx --conditions=@bitwright/source test/fidelity/hago.ts accuracy
 * npx tsx --conditions=@bitwright/source test/fidelity/hago.ts overflow
 */
import type { Model, Preprocessing } from '@bitwright/core';
import { openDataset } from '@bitwright/datasets';
import {
  createIntegerEvaluator,
  type EdgeSearchOptions,
  finish,
  floatGraph,
  foldBatchNormalization,
  integerTask,
  searchEdgeBits,
} from '@bitwright/engine';
import { timeInTurn } from '@bitwright/engine/timing';
import { findHardwarePreset, highestBits, lowerToIntegers, parseThresholdMethod } from '@bitwright/hago';
import { exportIntegerGraph, exportOnnx } from '@bitwright/onnx';
import { readCheckpoint, readRecipes } from '@bitwright/zoo';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';
import { madeUpModel, madeUpRanges } from './made-up-model.js';
import { printTable } from './markdown-table.js';
import './no-telemetry.js';
import { ALL_ROUNDS, timingTexts } from './timing-texts.js';

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** Layers from the input on that stay float, to be compared: cuts lie where tensors are small. */
const PREFIXES: Readonly<Record<string, readonly number[]>> = {
  'mobilenet-v2': [0, 1, 3, 6],
  'resnet-18': [0, 1],
};

function realizeMadeUp(model: Model, floatLayers: number): Uint8Array {
  const task = integerTask(model, findHardwarePreset('onnxruntime-cpu'), floatLayers);
  const bits = highestBits(task.space);
  const graph = lowerToIntegers(model, task.topology, task.space, bits, madeUpRanges(model));
  return exportIntegerGraph(graph, model.parameters);
}

async function reportSpeed(threads: number, batch: number): Promise<void> {
  const rows: (readonly string[])[] = [];
  for (const [name, prefixes] of Object.entries(PREFIXES)) {
    const model = madeUpModel(name);
    const files = new Map([['float32', exportOnnx(model)]]);
    for (const count of prefixes) files.set(`integers behind ${count} layers`, realizeMadeUp(model, count));
    const timings = await timeInTurn(files, model.network, { threads, batch, ...ALL_ROUNDS });
    for (const { name: form, ...timing } of timings) rows.push([name, form, ...timingTexts(timing)]);
  }
  printTable(
    `ONNX Runtime, ${threads} thread(s), batch of ${batch}`,
    ['network, 224', 'form', 'ms of an image (spread)', 'speed-up (spread)'],
    rows,
  );
}

async function openCheckpoint(network: string) {
  const recipe = (await readRecipes()).find((one) => one.network === network && one.dataset === 'fashion-mnist');
  if (recipe === undefined) throw new Error(`there is no checkpoint of ${network} for fashion-mnist`);
  const { model } = await readCheckpoint(recipe);
  return { model: foldBatchNormalization(model), preprocessing: recipe.preprocess };
}

const SETTINGS: Omit<EdgeSearchOptions, 'specification'> = {
  ...{ search: 'default', objective: 'accuracy', thresholds: parseThresholdMethod('average-range') },
  ...{ powerOfTwo: false, calibrationSamples: 128, scoredSamples: 500, maxTrials: 1000, seed: 0, floatLayers: 0 },
  fitsAccumulators: false,
};

type Row = { readonly network: string; readonly preset: string; readonly label: string };

/** Searches and measures on the whole test split; gives the columns of a table. */
async function measure(
  { network, preset, label }: Row,
  { model, preprocessing }: { readonly model: Model; readonly preprocessing: Preprocessing },
  settings: Omit<EdgeSearchOptions, 'specification'>,
): Promise<readonly string[]> {
  const data = await openDataset('fashion-mnist', { root: defaultDataFolder(process.env) });
  const specification = findHardwarePreset(preset);
  const task = integerTask(model, specification, settings.floatLayers);
  const started = performance.now();
  const { graph, records, best } = finish(searchEdgeBits(task, data, preprocessing, { ...settings, specification }));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  using evaluator = createIntegerEvaluator(model, preprocessing);
  const { test } = data.splits;
  const [float, integers] = [floatGraph(model), graph].map((one) => finish(evaluator.measure(one, test)).accuracy) as [
    number,
    number,
  ];
  const change = `${integers >= float ? '+' : '−'}${Math.abs(100 * (integers - float)).toFixed(2)}`;
  const mean = best.strategy.bits.reduce((sum, bits) => sum + bits, 0) / best.strategy.bits.length;
  const effort = [String(records.length), seconds, mean.toFixed(2)];
  return [network, preset, label, percent(float), percent(integers), change, ...effort];
}

const HEADER = [
  'network',
  'hardware',
  'bits and thresholds',
  'float',
  'integers',
  'points',
  'trials',
  's',
  'mean bits',
];
const NETWORKS = ['resnet-20', 'mobilenet-v2'];

async function reportAccuracy(): Promise<void> {
  const rows: (readonly string[])[] = [];
  for (const network of NETWORKS) {
    const checkpoint = await openCheckpoint(network);
    const one = { network, preset: 'onnxruntime-cpu' };
    for (const method of ['average-range', 'kullback-leibler', 'quantile:0.999', 'quantile:0.9999']) {
      const thresholds = parseThresholdMethod(method);
      rows.push(await measure({ ...one, label: `8 bits, ${method}` }, checkpoint, { ...SETTINGS, thresholds }));
    }
    const powerOfTwo = { ...SETTINGS, powerOfTwo: true };
    rows.push(await measure({ ...one, label: '8 bits, power of two' }, checkpoint, powerOfTwo));
    const wide = { network, preset: 'int8-accelerator' };
    rows.push(await measure({ ...wide, label: '8 bits, average-range' }, checkpoint, SETTINGS));
  }
  const first = await openCheckpoint('mobilenet-v2');
  const prefix = { network: 'mobilenet-v2', preset: 'onnxruntime-cpu', label: '8 bits behind 3 float layers' };
  rows.push(await measure(prefix, first, { ...SETTINGS, floatLayers: 3 }));
  printTable('Accuracy on the test split of Fashion-MNIST', HEADER, rows);
}

async function reportOverflow(): Promise<void> {
  const rows: (readonly string[])[] = [];
  for (const network of NETWORKS) {
    const checkpoint = await openCheckpoint(network);
    for (const [label, search, fitsAccumulators] of OVERFLOW_CASES) {
      const row = { network, preset: 'int8-accelerator-int16', label };
      rows.push(await measure(row, checkpoint, { ...SETTINGS, search, fitsAccumulators }));
      console.error(rows.at(-1)?.join('  '));
    }
  }
  printTable('An accumulator of 16 bits', HEADER, rows);
}

const OVERFLOW_CASES = [
  ['naive: the most bits', 'default', false],
  ['greedy from the most bits', 'greedy', false],
  ['sums fitted', 'default', true],
  ['greedy from fitted sums', 'greedy', true],
] as const;

const [what = 'accuracy', threads = '1', batch = '1'] = process.argv.slice(2);
if (what === 'speed') await reportSpeed(Number(threads), Number(batch));
else if (what === 'overflow') await reportOverflow();
else await reportAccuracy();
