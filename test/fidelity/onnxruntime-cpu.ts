/**
 * Measures this machine as in docs/hardware/onnxruntime-cpu.md: int8 against float32 for whole networks, and how well the
 * sum of measured layers foretells them:
 * npx tsx --conditions=@bitwright/source test/fidelity/onnxruntime-cpu.ts [threads] [policies]
 */
import {
  createRandomSource,
  DEFAULT_SCHEME,
  deriveLayers,
  FLOAT_BITS,
  type Hardware,
  type Layer,
  type LayerPrecision,
  type Network,
  type PrecisionPolicy,
  type RandomSource,
  rankCorrelation,
  uniformPolicy,
} from '@bitwright/core';
import { createMeasuredCpu, pinnedTo } from '@bitwright/onnxruntime-cpu';
import { buildZooNetwork } from '@bitwright/zoo';
import { printTable } from './markdown-table.js';

const INT8: LayerPrecision = { weightBits: 8, activationBits: 8 };
const FLOAT: LayerPrecision = { weightBits: FLOAT_BITS, activationBits: FLOAT_BITS };
const IMAGENET = { width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 };

type Measured = { readonly ms: number; readonly spreadMs: number; readonly sumOfLayersMs: number };

const ms = (value: number) => value.toFixed(3);
const percent = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(100 * value).toFixed(1)} %`;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function measure(cpu: Hardware, network: Network, policies: readonly PrecisionPolicy[]): Promise<Measured[]> {
  const layers = deriveLayers(network);
  const measured: Measured[] = [];
  for await (const feedback of cpu.evaluate(layers, policies, { network })) {
    const sumOfLayersMs = feedback.layers.reduce((sum, { latencyMs }) => sum + latencyMs, 0);
    measured.push({ ms: feedback.latencyMs, spreadMs: feedback.spreadMs ?? 0, sumOfLayersMs });
  }
  return measured;
}

/** Each layer in integers with a chance that is drawn for the whole policy: from all float to all int8. */
function mixedPolicy(layers: readonly Layer[], random: RandomSource): PrecisionPolicy {
  const chance = random.uniform();
  return { ...DEFAULT_SCHEME, layers: layers.map(() => (random.uniform() < chance ? INT8 : FLOAT)) };
}

async function speedUp(cpu: Hardware, name: string): Promise<readonly string[]> {
  const network = buildZooNetwork({ ...IMAGENET, network: name });
  const { length } = deriveLayers(network);
  const [int8, float] = (await measure(cpu, network, [
    uniformPolicy(length, INT8.weightBits),
    uniformPolicy(length, FLOAT_BITS),
  ])) as [Measured, Measured];
  const sums = [float, int8].map(
    ({ sumOfLayersMs, ms: whole }) => `${ms(sumOfLayersMs)} (${percent(sumOfLayersMs / whole - 1)})`,
  );
  return [
    name,
    ...[float, int8].map((one) => `${ms(one.ms)} (${ms(one.spreadMs)})`),
    `${(float.ms / int8.ms).toFixed(2)} x`,
    ...sums,
  ];
}

async function agreement(cpu: Hardware, name: string, count: number): Promise<readonly string[]> {
  const network = buildZooNetwork({ ...IMAGENET, network: name });
  const layers = deriveLayers(network);
  const random = createRandomSource(1);
  const measured = await measure(
    cpu,
    network,
    Array.from({ length: count }, () => mixedPolicy(layers, random)),
  );
  const errors = measured.map(({ sumOfLayersMs, ms: whole }) => sumOfLayersMs / whole - 1);
  const [sums, wholes] = [measured.map(({ sumOfLayersMs }) => sumOfLayersMs), measured.map((one) => one.ms)];
  const correlation = rankCorrelation(sums, wholes)?.toFixed(3) ?? '–';
  return [name, String(count), percent(mean(errors.map(Math.abs))), percent(mean(errors)), correlation];
}

const [threads = 1, policies = 60] = process.argv.slice(2).map(Number);
const cpu = await createMeasuredCpu({
  ...{ name: 'onnxruntime-cpu', threads, warmUpRuns: 10, samples: 50, budgetMs: 10_000, launcher: pinnedTo(threads) },
});
console.log(`${(await cpu.describe()).description}\n`);
const names = ['mobilenet-v2', 'resnet-18'];
const header = [
  'network, 224',
  'float32 ms (spread)',
  'int8 ms (spread)',
  'speed-up',
  'sum of float32 layers',
  'sum of int8 layers',
];
const rows: (readonly string[])[] = [];
for (const name of names) rows.push(await speedUp(cpu, name));
printTable('Whole networks, batch of 1', header, rows);
printTable(
  'Sum of layers against whole networks of mixed precision',
  ['network, 224', 'policies', 'mean absolute error', 'bias', 'rank correlation'],
  [await agreement(cpu, 'mobilenet-v2', policies)],
);
cpu.close();
