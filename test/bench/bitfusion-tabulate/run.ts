/**
 * How long BitFusion's cost table of MobileNetV1 at 224 takes, in this process: 28 layers x 49 pairs of bits, each a
 * search over all tiles and orders of loops.
 *
 *   node --conditions=@bitwright/source --import tsx test/bench/bitfusion-tabulate/run.ts [--rounds 5] [--batch 1]
 */
import { parseArgs } from 'node:util';
import { bitfusionEightByEight, createBitfusion } from '@bitwright/accelerators';
import { deriveLayers, type Hardware } from '@bitwright/core';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { buildZooNetwork } from '@bitwright/zoo';

const WANTED_COLD_MS = 2000;
const WANTED_WARM_MS = 50;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, batch: { type: 'string', default: '1' } },
});
const batch = Number(values.batch);
const LAYERS = deriveLayers(
  buildZooNetwork({ network: 'mobilenet-v1', width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 }),
);

async function time(hardware: Hardware): Promise<{ readonly ms: number; readonly cells: number }> {
  const start = performance.now();
  const table = await hardware.tabulate(LAYERS, { batch });
  return { ms: performance.now() - start, cells: table.cells.flat(2).length };
}

const slowest = { cold: 0, warm: 0 };
console.log(`${LAYERS.length} layers, batch ${batch}; milliseconds`);
console.log('round   cells      cold      warm');
for (let round = 1; round <= Number(values.rounds); round += 1) {
  // Hardware that has seen no layer; what Node has compiled stays from the second round on.
  const hardware = createLocalHardware(createBitfusion(bitfusionEightByEight));
  const { ms: cold, cells } = await time(hardware);
  const { ms: warm } = await time(hardware);
  slowest.cold = Math.max(slowest.cold, cold);
  slowest.warm = Math.max(slowest.warm, warm);
  const columns = [cold, warm].map((ms) => ms.toFixed(1).padStart(9));
  console.log(`${String(round).padStart(5)} ${String(cells).padStart(7)} ${columns.join(' ')}`);
}
const reached = slowest.cold < WANTED_COLD_MS && slowest.warm < WANTED_WARM_MS;
console.log(
  `slowest ${slowest.cold.toFixed(1)} cold and ${slowest.warm.toFixed(1)} warm, under ${WANTED_COLD_MS} and ${WANTED_WARM_MS} wanted: ${reached ? 'yes' : 'no'}`,
);
