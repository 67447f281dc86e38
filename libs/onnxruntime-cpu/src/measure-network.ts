import {
  BitwrightError,
  deriveLayers,
  invalidField,
  type Layer,
  type Network,
  type PrecisionPolicy,
} from '@bitwright/core';
import { layerShapeKey, macsOf, type SampleSummary, summarizeSamples } from '@bitwright/hardware-kit';
import { exportForTiming } from '@bitwright/onnx';
import type { Bench } from './bench/bench.js';
import { type MeasurementSettings, networkRuns } from './settings.js';

/** MACs of the whole batch that a network may have. */
const LARGEST_MACS = 5e10;

export type NetworkQuestion = {
  readonly network: Network;
  readonly policy: PrecisionPolicy;
  readonly batch: number;
};

/** Times whole runs of a network, from image to logits; ms. Throws `unsupported` where it is too large. */
export async function measureNetwork(
  bench: Bench,
  settings: MeasurementSettings,
  { network, policy, batch }: NetworkQuestion,
  signal: AbortSignal | undefined,
): Promise<SampleSummary> {
  const macs = deriveLayers(network).reduce((sum, layer) => sum + macsOf(layer), 0) * batch;
  if (macs > LARGEST_MACS) {
    const found = `${network.name} has ${macs.toExponential(1)} MACs in a batch of ${batch}`;
    const message = `${found}; at most ${LARGEST_MACS.toExponential(0)} are measured`;
    throw new BitwrightError('unsupported', 'NETWORK_TOO_LARGE', message);
  }
  const model = exportForTiming(network, policy.layers, { matMulNBits: true });
  const { samplesMs } = await bench.run({ model, batch, settings: networkRuns(settings), kernels: false }, signal);
  return summarizeSamples(samplesMs);
}

/** Throws `invalid_argument` unless the layers are those of the network. */
export function assertSameLayers(network: Network, layers: readonly Layer[]): void {
  const own = deriveLayers(network);
  const differs = own.findIndex((layer, index) => {
    const given = layers[index];
    return given === undefined || layerShapeKey(layer) !== layerShapeKey(given);
  });
  if (differs < 0 && own.length === layers.length) return;
  const found =
    differs < 0 ? `has ${own.length} layers, ${layers.length} are given` : `has another layer ${differs} than is given`;
  throw invalidField('network', found, 'NETWORK_LAYERS');
}
