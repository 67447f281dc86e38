import { BitwrightError, FLOAT_BITS, type LayerCost, type LayerPrecision } from '@bitwright/core';
import { describeShape, type LayerShape, macsOf, summarizeSamples } from '@bitwright/hardware-kit';
import { exportLayer } from '@bitwright/onnx';
import type { Bench } from './bench/bench.js';
import type { KernelTimes } from './bench/job.js';
import { executedPrecision } from './executed-precision.js';
import { layerRuns, type MeasurementSettings } from './settings.js';

/** What one run of a layer may take: MACs of the whole batch, and elements that it reads, holds and gives. */
const LARGEST = { macs: 2e10, elements: 2 ** 28 } as const;

export type LayerQuestion = {
  readonly shape: LayerShape;
  readonly precision: LayerPrecision;
  readonly batch: number;
};

/**
 * Times the kernel that ONNX Runtime runs for a layer: its median and interquartile range, without the conversions at the
 * edges of a model of one layer, which a network has only where precisions meet. Throws `unsupported` where the layer is
 * too large, or where there is no kernel of that precision.
 */
export async function measureLayer(
  bench: Bench,
  settings: MeasurementSettings,
  { shape, precision, batch }: LayerQuestion,
  signal: AbortSignal | undefined,
): Promise<LayerCost> {
  assertSize(shape, batch);
  const model = exportLayer(shape, precision, { matMulNBits: true });
  const { kernels } = await bench.run({ model, batch, settings: layerRuns(settings), kernels: true }, signal);
  const kernel = requireKernel(kernels, precision);
  const { median, spread } = summarizeSamples(kernel.samplesMs);
  return {
    latencyMs: median,
    spreadMs: spread,
    ...{ energyMj: undefined, trafficBytes: undefined, bound: undefined },
    ...{ computeMs: undefined, memoryMs: undefined, overheadMs: undefined },
    executedWeightBits: precision.weightBits,
    executedActivationBits: precision.activationBits,
  };
}

function assertSize(shape: LayerShape, batch: number): void {
  const macs = macsOf(shape) * batch;
  const images =
    shape.inputHeight * shape.inputWidth * shape.inChannels +
    shape.outputHeight * shape.outputWidth * shape.outChannels;
  const weights = macsOf(shape) / (shape.outputHeight * shape.outputWidth);
  const elements = images * batch + weights;
  if (macs <= LARGEST.macs && elements <= LARGEST.elements) return;
  const found = `${macs.toExponential(1)} MACs and ${elements.toExponential(1)} elements in a batch of ${batch}`;
  const limits = `at most ${LARGEST.macs.toExponential(0)} and ${LARGEST.elements.toExponential(1)} are measured`;
  throw new BitwrightError('unsupported', 'LAYER_TOO_LARGE', `${describeShape(shape)} has ${found}; ${limits}`);
}

function requireKernel(kernels: readonly KernelTimes[], asked: LayerPrecision): KernelTimes {
  const kernel = kernels.find((candidate) => executedPrecision(candidate) !== undefined);
  const executed = kernel === undefined ? undefined : executedPrecision(kernel);
  if (
    kernel !== undefined &&
    executed?.weightBits === asked.weightBits &&
    executed.activationBits === asked.activationBits
  )
    return kernel;
  const ran = kernel === undefined ? 'none' : `${kernel.operator} (${textOf(executed)})`;
  const message = `ONNX Runtime has no kernel with ${textOf(asked)} for this layer; it runs ${ran}`;
  throw new BitwrightError('unsupported', 'NO_KERNEL', message);
}

function textOf(precision: LayerPrecision | undefined): string {
  if (precision === undefined) return 'unknown precision';
  const { weightBits, activationBits } = precision;
  if (weightBits === FLOAT_BITS && activationBits === FLOAT_BITS) return 'float32';
  return `${weightBits}-bit weights and ${activationBits}-bit activations`;
}
