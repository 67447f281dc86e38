import {
  assertPolicyFits,
  type HardwareFeedback,
  type HardwareOptions,
  invalidField,
  type Layer,
  type LayerCost,
  type LayerPrecision,
  type PrecisionPolicy,
} from '@bitwright/core';
import { readHardwareRequest, untilCancelled } from '@bitwright/hardware-kit';
import { assertSameLayers, measureNetwork } from './measure-network.js';
import { type MeasurementContext, measuredCost } from './measurement-context.js';

/** One feedback per policy, in order: each layer's own time, and the network's, measured whole where its graph is given. */
export async function* evaluate(
  context: MeasurementContext,
  layers: readonly Layer[],
  policies: AsyncIterable<PrecisionPolicy> | Iterable<PrecisionPolicy>,
  options: HardwareOptions,
): AsyncGenerator<HardwareFeedback> {
  const request = readHardwareRequest(context.capabilities, layers, options);
  assertWholeNetwork(layers, options);
  for await (const policy of untilCancelled(policies, options.signal)) {
    assertPolicyFits(policy, layers);
    yield await measurePolicy(context, layers, policy, { ...options, ...request });
  }
}

type Request = Pick<HardwareOptions, 'network' | 'signal'> & {
  readonly batch: number;
  readonly counted: readonly boolean[];
};

function assertWholeNetwork(layers: readonly Layer[], { network, counted }: HardwareOptions): void {
  if (network === undefined) return;
  assertSameLayers(network, layers);
  if (counted === undefined || counted === 'all') return;
  const fix = `"${counted}" is not possible for a network that is measured whole; use "all", or leave the network out`;
  throw invalidField('counted', fix, 'COUNTED_LAYERS');
}

async function measurePolicy(
  context: MeasurementContext,
  layers: readonly Layer[],
  policy: PrecisionPolicy,
  request: Request,
): Promise<HardwareFeedback> {
  const { batch, signal, network, counted } = request;
  const costs: LayerCost[] = [];
  for (const layer of layers) {
    const precision = policy.layers[layer.index] as LayerPrecision;
    costs.push(await measuredCost(context, layer, precision, { batch, signal }));
  }
  const sum = costs.reduce((total, { latencyMs }, index) => (counted[index] === true ? total + latencyMs : total), 0);
  const whole =
    network === undefined
      ? undefined
      : await measureNetwork(context.bench, context.settings, { network, policy, batch }, signal);
  const latencyMs = whole?.median ?? sum;
  return {
    ...{ hardware: context.capabilities.name, batch, counted },
    ...{ latencyMs, latencyPerImageMs: latencyMs / batch, spreadMs: whole?.spread },
    ...{ energyMj: undefined, trafficBytes: undefined, layers: costs },
  };
}
