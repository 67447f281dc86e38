/**
 * How many policies a second are priced from a cost table, in this process: MobileNetV2 at 224, 53 layers x 64 pairs of
 * bits, on bismo-cloud. The policies are random and several thousand, so that none stays in a cache of the processor.
 *
 *   node --conditions=@bitwright/source --import tsx test/bench/policy-cost/run.ts [--rounds 9] [--policies 1000000]
 */
import { parseArgs } from 'node:util';
import { selectAccelerators } from '@bitwright/accelerators';
import {
  createPolicyPricer,
  createRandomSource,
  deriveLayers,
  type PolicyPricer,
  type PrecisionPolicy,
  uniformPolicy,
} from '@bitwright/core';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { buildZooNetwork } from '@bitwright/zoo';

const DISTINCT_POLICIES = 4096;
const WANTED_A_SECOND = 1e6;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, policies: { type: 'string', default: '1000000' } },
});
const layers = deriveLayers(
  buildZooNetwork({ network: 'mobilenet-v2', width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 }),
);

function randomPolicies(): readonly PrecisionPolicy[] {
  const random = createRandomSource(1);
  const anyBits = () => 1 + random.integer(8);
  return Array.from({ length: DISTINCT_POLICIES }, () => ({
    ...uniformPolicy(0, 8),
    layers: layers.map(() => ({ weightBits: anyBits(), activationBits: anyBits() })),
  }));
}

/** Policies a second. The sum keeps the engine from leaving the work out. */
function measure(price: PolicyPricer, policies: readonly PrecisionPolicy[], count: number): number {
  let sum = 0;
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    sum += price(policies[index % policies.length] as PrecisionPolicy).latencyMs ?? Number.NaN;
  }
  const seconds = (performance.now() - start) / 1000;
  if (!(sum > 0)) throw new Error('the policies have no price');
  return count / seconds;
}

const [accelerator] = selectAccelerators(['bismo-cloud']);
if (accelerator === undefined) throw new Error('bismo-cloud is not registered');
const table = await createLocalHardware(accelerator).tabulate(layers);
const price = createPolicyPricer(layers, table);
const policies = randomPolicies();
const rounds = Array.from({ length: Number(values.rounds) }, () => measure(price, policies, Number(values.policies)));
const median = rounds.toSorted((a, b) => a - b)[rounds.length >> 1] as number;
const millions = (rate: number) => (rate / 1e6).toFixed(2);
console.log(`${layers.length} layers; million policies a second, by round: ${rounds.map(millions).join(' ')}`);
console.log(
  `median ${millions(median)} million a second, over ${millions(WANTED_A_SECOND)} wanted: ${median > WANTED_A_SECOND ? 'yes' : 'no'}`,
);
