import { FLOAT_BITS, type Hardware, type Network, type NetworkNode, type PrecisionPolicy } from '@bitwright/core';
import { expect, it } from 'vitest';
import { fastestPrefix } from './fastest-prefix.js';

const shape = { height: 1, width: 1, channels: 2 };
const layer = (index: number): NetworkNode => ({
  ...{ id: `layer${index}`, operation: { kind: 'fully-connected', outFeatures: 2, bias: false }, output: shape },
  inputs: [index === 0 ? 'input' : `layer${index - 1}`],
});
const network: Network = {
  ...{ name: 'chain', input: shape, classes: 2 },
  nodes: [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: shape }, ...[0, 1, 2, 3].map(layer)],
};

/** Hardware on which so many float layers take so long. */
function hardware(latencies: readonly number[]) {
  const asked: number[] = [];
  const evaluate: Hardware['evaluate'] = async function* (_layers, policies) {
    for await (const policy of policies as Iterable<PrecisionPolicy>) {
      const count = policy.layers.filter(({ weightBits }) => weightBits === FLOAT_BITS).length;
      asked.push(count);
      const latencyMs = latencies[count] as number;
      yield {
        ...{ hardware: 'made-up', batch: 1, counted: [], latencyMs, latencyPerImageMs: latencyMs, layers: [] },
        ...{ energyMj: undefined, trafficBytes: undefined },
      };
    }
  };
  return { target: { evaluate } as Hardware, asked };
}

it('keeps as many first layers in float as the whole network is fastest with, and one layer at least in integers', async () => {
  const { target, asked } = hardware([5, 4, 3, 6]);
  const done: number[] = [];
  expect(await fastestPrefix(target, network, {}, (progress) => done.push(progress.done))).toBe(2);
  expect(done).toEqual([0, 1, 2, 3, 4]);
  expect(asked).toEqual([0, 1, 2, 3]);
});

it('keeps none where that is as fast', async () => {
  expect(await fastestPrefix(hardware([3, 3, 4, 4]).target, network, {})).toBe(0);
});
