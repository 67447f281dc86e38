/**
 * Measures this machine as in docs/hardware/onnxruntime-cpu.md: int8 against float32 for whole networks, and how well the
 * sum of measured layers foretells them, alone and with the conversions between them:
 * npx tsx --conditions=@bitwright/source test/fidelity/onnxruntime-cpu.ts [threads] [policies]
 */
import {
  createRandomSource,
  DEFAULT_SCHEME,
  dataFlowOf,
  deriveLayers,
  FLOAT_BITS,
  type Hardware,
  type Layer,
  type LayerPrecision,
  type Network,
  type PrecisionPolicy,
  type RandomSource,
  uniformPolicy,
} from '@bitwright/core';
import { convertedElements, type ForecastErrors } from '@bitwright/cost-tables';
import { createMeasuredCpu, pinnedTo } from '@bitwright/onnxruntime-cpu';
import { type ConversionPoint, fitConversions, forecastConversions, forecastErrors } from '@bitwright/table-builder';
import { buildZooNetwork } from '@bitwright/zoo';
import { printTable } from './markdown-table.js';

const INT8: LayerPrecision = { weightBits: 8, activationBits: 8 };
const FLOAT: LayerPrecision = { weightBits: FLOAT_BITS, activationBits: FLOAT_BITS };
const IMAGENET = { width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 };

type Measured = ConversionPoint & { readonly spreadMs: number };

const ms = (value: number) => value.toFixed(3);
const percent = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(100 * value).toFixed(1)} %`;

async function measure(cpu: Hardware, network: Network, policies: readonly PrecisionPolicy[]): Promise<Measured[]> {
  const layers = deriveLayers(network);
  const flow = dataFlowOf(network, layers);
  const measured: Measured[] = [];
  for await (const feedback of cpu.evaluate(layers, policies, { network })) {
    const sumMs = feedback.layers.reduce((sum, { latencyMs }) => sum + latencyMs, 0);
    const converted = convertedElements(flow, layers, feedback.layers, feedback.batch);
    measured.push({ measuredMs: feedback.latencyMs, spreadMs: feedback.spreadMs ?? 0, sumMs, converted });
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
  const sums = [float, int8].map(({ sumMs, measuredMs }) => `${ms(sumMs)} (${percent(sumMs / measuredMs - 1)})`);
  return [
    name,
    ...[float, int8].map((one) => `${ms(one.measuredMs)} (${ms(one.spreadMs)})`),
    `${(float.measuredMs / int8.measuredMs).toFixed(2)} x`,
    ...sums,
  ];
}

async function agreement(cpu: Hardware, name: string, count: number): Promise<readonly (readonly string[])[]> {
  const network = buildZooNetwork({ ...IMAGENET, network: name });
  const layers = deriveLayers(network);
  const random = createRandomSource(1);
  const measured = await measure(
    cpu,
    network,
    Array.from({ length: count }, () => mixedPolicy(layers, random)),
  );
  const row = (forecast: string, { meanAbsoluteErrorPercent, biasPercent, rankCorrelation }: ForecastErrors) => [
    ...[name, String(count), forecast, percent(meanAbsoluteErrorPercent / 100), percent(biasPercent / 100)],
    rankCorrelation?.toFixed(3) ?? '–',
  ];
  const sums = measured.map(({ sumMs }) => sumMs);
  console.log(`beyond the layers of ${name}: ${JSON.stringify(fitConversions(measured))}\n`);
  return [
    row('sum of layers', forecastErrors(measured, sums)),
    row('with conversions, held out', forecastErrors(measured, forecastConversions(measured))),
  ];
}

const [threads = 1, policies = 90] = process.argv.slice(2).map(Number);
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
  'Forecasts against whole networks of mixed precision',
  ['network, 224', 'policies', 'forecast', 'mean absolute error', 'bias', 'rank correlation'],
  [...(await agreement(cpu, 'mobilenet-v2', policies)), ...(await agreement(cpu, 'resnet-18', policies))],
);
cpu.close();
