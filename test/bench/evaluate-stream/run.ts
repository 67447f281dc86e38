/**
 * Policies a second through the `Evaluate` stream over gRPC on loopback: MobileNetV2 at 224, 53 layers, each answer with
 * its breakdown by layer, from a hardware service that is a process of its own. Counted per second of the service's
 * processor time, that is per core that serves; the client's share of the machine is printed beside.
 *
 *   node --conditions=@bitwright/source --import tsx test/bench/evaluate-stream/run.ts [--policies 20000]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectHardware } from '@bitwright/client';
import { createRandomSource, deriveLayers, type PrecisionPolicy, uniformPolicy } from '@bitwright/core';
import { launchService } from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';

const MAIN = new URL('../../../services/hardware/src/main.ts', import.meta.url);
const WANTED = 2000;
/** Linux counts a process's time in these, whatever its clock. */
const TICKS_PER_SECOND = 100;

const { values } = parseArgs({
  options: { policies: { type: 'string', default: '20000' }, hardware: { type: 'string', default: 'bismo-edge' } },
});
const layers = deriveLayers(
  buildZooNetwork({ network: 'mobilenet-v2', width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 }),
);
const random = createRandomSource(1);

/** Random bits of 2 to 8, so that answers come from all over the table. */
function randomPolicy(): PrecisionPolicy {
  const draw = () => 2 + random.integer(7);
  const bits = layers.map(() => ({ weightBits: draw(), activationBits: draw() }));
  return { ...uniformPolicy(layers.length, 8), layers: bits };
}

/** Processor seconds that a process has used, its threads together. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function stream(target: Awaited<ReturnType<ReturnType<typeof connectHardware>['open']>>, count: number) {
  let answered = 0;
  for await (const { layers: breakdown } of target.evaluate(layers, Array.from({ length: count }, randomPolicy))) {
    if (breakdown.length === layers.length) answered += 1;
  }
  if (answered !== count) throw new Error(`${answered} of ${count} policies were answered in full`);
}

await using service = await launchService(MAIN, ['--accelerators', values.hardware]);
const hardware = connectHardware(service.address);
const target = await hardware.open(values.hardware);
await stream(target, 2000);
const count = Number(values.policies);
const [serverStart, clientStart, start] = [processorSeconds(service.pid()), process.cpuUsage(), performance.now()];
await stream(target, count);
const seconds = (performance.now() - start) / 1e3;
const server = processorSeconds(service.pid()) - serverStart;
const { user, system } = process.cpuUsage(clientStart);
hardware.close();
const perCore = count / server;
console.log(
  `${count} policies of ${layers.length} layers in ${seconds.toFixed(2)} s: ${(count / seconds).toFixed(0)} a second`,
);
console.log(`processor time: service ${server.toFixed(2)} s, client ${((user + system) / 1e6).toFixed(2)} s`);
console.log(`${perCore.toFixed(0)} a second and core, ${WANTED} wanted: ${perCore >= WANTED ? 'yes' : 'no'}`);
