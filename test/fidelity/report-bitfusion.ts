/**
 * Prints how far the BitFusion model agrees with published figures, as in docs/hardware/bitfusion.md:
 * npx tsx --conditions=@bitwright/source test/fidelity/report-bitfusion.ts
 */
import {
  type BitfusionProfile,
  bitfusionEightByEight,
  bitfusionLayerActivity,
  createBitfusion,
} from '@bitwright/accelerators';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { publishedLayers } from './bismo-validation.js';
import { uniformCost, validateBitfusion } from './bitfusion-validation.js';
import { printTable } from './markdown-table.js';

const layers = publishedLayers('mobilenet-v1');
const signedPercent = (error: number) => `${error > 0 ? '+' : ''}${error.toFixed(1)} %`;

async function printPublishedCosts(): Promise<void> {
  const rows = await validateBitfusion();
  const cells = rows.map(({ network, weightBits, activationBits, model, ...row }) => [
    network,
    `${weightBits}/${activationBits}`,
    ...[model.latencyMs.toFixed(2), row.latencyMs.toFixed(2), signedPercent(row.latencyErrorPercent)],
    ...[model.energyMj.toFixed(2), row.energyMj.toFixed(2), signedPercent(row.energyErrorPercent)],
  ]);
  const header = ['network', 'bits w/a', 'model ms', 'paper ms', 'error', 'model mJ', 'paper mJ', 'error'];
  printTable('Uniform bits against the HAQ paper', header, cells);
}

/** What the model would say with one decision taken otherwise. */
const VARIANTS: readonly (readonly [string, BitfusionProfile])[] = [
  ['as it ships', bitfusionEightByEight],
  ['objective latency', { ...bitfusionEightByEight, objective: 'latency' }],
  ['depthwise layers read one plane', { ...bitfusionEightByEight, depthwiseLowering: 'shared-plane' }],
  [
    'buffers in whole banks (8, 4, 2 KiB)',
    {
      ...bitfusionEightByEight,
      inputBuffer: { readPicojoulesPerBit: 0.2, writePicojoulesPerBit: 0.174 },
      weightBuffer: { readPicojoulesPerBit: 0.107, writePicojoulesPerBit: 0.135 },
      outputBuffer: { readPicojoulesPerBit: 0.059, writePicojoulesPerBit: 0.114 },
    },
  ],
  ['static power 0.6 W', { ...bitfusionEightByEight, staticMilliwatts: 600 }],
];

async function printVariants(): Promise<void> {
  const cells = VARIANTS.map(async ([name, profile]) => {
    const rows = await validateBitfusion(profile);
    const errors = rows.flatMap((row) => [row.latencyErrorPercent, row.energyErrorPercent]);
    return [name, ...errors.map(signedPercent)];
  });
  const header = ['variant', '4/4 latency', '4/4 energy', '8/8 latency', '8/8 energy'];
  printTable('Errors with one decision taken otherwise', header, await Promise.all(cells));
}

function printEnergySplit(): void {
  const rows = [4, 8].map((bits) => {
    const activities = layers.map((layer) => bitfusionLayerActivity(bitfusionEightByEight, layer, bits, bits, 1));
    const parts = (['coreMj', 'bufferMj', 'dramMj', 'staticMj'] as const).map((part) =>
      activities.reduce((total, { energy }) => total + energy[part], 0).toFixed(2),
    );
    const traffic = activities.reduce(
      (bytes, { memoryCycles }) => bytes + (memoryCycles * bitfusionEightByEight.memoryBitsPerCycle) / 8,
      0,
    );
    return [`${bits}/${bits}`, ...parts, (traffic / 1e6).toFixed(1)];
  });
  printTable('Energy of MobileNetV1, mJ', ['bits w/a', 'array', 'buffers', 'DRAM', 'static', 'traffic MB'], rows);
}

function printBounds(): void {
  const { layerCost } = createBitfusion(bitfusionEightByEight);
  const rows = [2, 4, 6, 8].map((bits) => {
    const costs = layers.map((layer) => layerCost(layer, bits, bits, 1));
    const count = (bound: string) => `${costs.filter((cost) => cost.bound === bound).length}`;
    const sum = (part: 'latencyMs' | 'computeMs' | 'memoryMs' | 'overheadMs') =>
      costs.reduce((total, cost) => total + (cost[part] ?? 0), 0).toFixed(2);
    const times = [sum('latencyMs'), sum('computeMs'), sum('memoryMs'), sum('overheadMs')];
    return [`${bits}/${bits}`, ...times, count('compute'), count('memory'), count('overhead')];
  });
  const header = ['bits w/a', 'ms', 'array ms', 'memory ms', 'fill and drain ms', 'compute', 'memory', 'overhead'];
  printTable('Time of MobileNetV1 and what its 28 layers are bound by', header, rows);
}

async function printBatches(): Promise<void> {
  const hardware = createLocalHardware(createBitfusion(bitfusionEightByEight));
  const rows: string[][] = [];
  for (const batch of [1, 4, 16]) {
    const { latencyMs, energyMj } = uniformCost(layers, await hardware.tabulate(layers, { batch }), 8);
    rows.push([`${batch}`, (latencyMs / batch).toFixed(2), (energyMj / batch).toFixed(2)]);
  }
  printTable('MobileNetV1 at 8/8 bits, per image', ['batch', 'ms', 'mJ'], rows);
}

/** Counts the pairs that are dearer by themselves than a wider pair, and how much dearer. */
function printWidened(): void {
  const { layerCost, capabilities } = createBitfusion(bitfusionEightByEight);
  const rows = (['mobilenet-v1', 'mobilenet-v2'] as const).map((network) => {
    const gains = publishedLayers(network).flatMap((layer) =>
      capabilities.weightBits.flatMap((weightBits) =>
        capabilities.activationBits.map((activationBits) => {
          const own = bitfusionLayerActivity(bitfusionEightByEight, layer, weightBits, activationBits, 1);
          const ownMs = own.cycles / (bitfusionEightByEight.clockMegahertz * 1e3);
          return 1 - layerCost(layer, weightBits, activationBits, 1).latencyMs / ownMs;
        }),
      ),
    );
    const gaining = gains.filter((gain) => gain > 1e-9);
    return [network, `${gains.length}`, `${gaining.length}`, `${(100 * Math.max(...gaining)).toFixed(1)} %`];
  });
  printTable('Pairs that run faster as a wider pair', ['network', 'pairs', 'faster', 'most'], rows);
}

await printPublishedCosts();
await printVariants();
printEnergySplit();
printBounds();
await printBatches();
printWidened();
