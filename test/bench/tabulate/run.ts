/**
 * How long `Tabulate` takes over gRPC: MobileNetV2 at 224, 53 layers x 64 pairs of bits (49 on BitFusion), from a
 * hardware service that is a process of its own. Measured at the client, from layers to a checked cost table.
 *
 *   node --conditions=@bitwright/source --import tsx test/bench/tabulate/run.ts [--calls 50]
 */
import { parseArgs } from 'node:util';
import { connectHardware } from '@bitwright/client';
import { type CostTable, deriveLayers, type Hardware } from '@bitwright/core';
import { type LaunchedService, launchService } from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';

const MAIN = new URL('../../../services/hardware/src/main.ts', import.meta.url);
const TARGETS = ['bismo-edge', 'bismo-cloud', 'bitfusion'];
const WANTED_MS = 100;

const { values } = parseArgs({ options: { calls: { type: 'string', default: '50' } } });
const LAYERS = deriveLayers(
  buildZooNetwork({ network: 'mobilenet-v2', width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 }),
);

/** Milliseconds of one call, and what it gave. */
async function time(target: Hardware): Promise<{ readonly ms: number; readonly table: CostTable }> {
  const start = performance.now();
  const table = await target.tabulate(LAYERS);
  return { ms: performance.now() - start, table };
}

/** `cold`: the first call to a service just started, without its connection; `warm`: all later ones. */
async function measure(service: LaunchedService, name: string) {
  const hardware = connectHardware(service.address);
  try {
    const target = await hardware.open(name);
    const { ms: cold, table } = await time(target);
    const warm: number[] = [];
    while (warm.length < Number(values.calls)) warm.push((await time(target)).ms);
    return { name, cells: table.cells.flat(2).length, cold, warm: warm.sort((a, b) => a - b) };
  } finally {
    hardware.close();
  }
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
const show = (ms: number) => ms.toFixed(1).padStart(9);

console.log(`${LAYERS.length} layers, ${values.calls} warm calls; milliseconds`);
console.log('target          cells      cold    median       p95       max');
const medians: number[] = [];
for (const name of TARGETS) {
  await using service = await launchService(MAIN, ['--accelerators', name]);
  const { cells, cold, warm } = await measure(service, name);
  const median = quantile(warm, 0.5);
  medians.push(median);
  const columns = [cold, median, quantile(warm, 0.95), quantile(warm, 1)].map(show);
  console.log(`${name.padEnd(14)} ${String(cells).padStart(6)} ${columns.join(' ')}`);
}
const slowest = Math.max(...medians);
console.log(
  `warm median ${slowest.toFixed(1)} ms, under ${WANTED_MS} ms wanted: ${slowest < WANTED_MS ? 'yes' : 'no'}`,
);
