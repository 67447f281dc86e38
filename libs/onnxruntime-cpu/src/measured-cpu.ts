import type { Hardware } from '@bitwright/core';
import { throwIfCancelled } from '@bitwright/hardware-kit';
import { type BenchOptions, createBench } from './bench/bench.js';
import { measuredCapabilities } from './capabilities.js';
import { evaluate } from './evaluate.js';
import { findKernels } from './find-kernels.js';
import { createLayerMeasurements } from './layer-measurements.js';
import type { MeasurementContext } from './measurement-context.js';
import type { MeasurementSettings } from './settings.js';
import { tabulate } from './tabulate.js';

export type MeasuredCpuOptions = MeasurementSettings & BenchOptions & { readonly name: string };

/** The processor of this machine as a hardware target; `close` ends its child process. */
export type MeasuredCpu = Hardware & { close(): void };

/**
 * Finds out which kernels there are and gives the target. Layers are priced by their kernel's own time. A policy costs the
 * sum of its layers, or, where the options give the network's graph, what whole runs of it take: then with what lies
 * between layers, and every layer counts. Energy is never known. Throws `unavailable` when ONNX Runtime does not start.
 */
export async function createMeasuredCpu(options: MeasuredCpuOptions): Promise<MeasuredCpu> {
  const bench = createBench(options);
  try {
    const operators = await findKernels(bench);
    const capabilities = measuredCapabilities(options, operators);
    const measurements = createLayerMeasurements(bench, options);
    const context: MeasurementContext = { capabilities, measurements, bench, settings: options };
    return {
      describe: async (signal) => {
        throwIfCancelled(signal);
        return capabilities;
      },
      tabulate: (layers, request = {}) => tabulate(context, layers, request),
      evaluate: (layers, policies, request = {}) => evaluate(context, layers, policies, request),
      close: () => bench.close(),
    };
  } catch (error) {
    bench.close();
    throw error;
  }
}
