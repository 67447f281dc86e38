import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import type { HardwareCapabilities, LayerPrecision, OperatorPrecisions } from '@bitwright/core';
import type { MeasurementSettings } from './settings.js';

/** Largest batch that is measured. */
const MAXIMUM_BATCH = 64;

/** What this machine can run, and how it is measured. `operators` are the kernels that were found. */
export function measuredCapabilities(
  settings: MeasurementSettings & { readonly name: string; readonly launcher: readonly string[] },
  operators: readonly OperatorPrecisions[],
): HardwareCapabilities {
  const widths = (key: keyof LayerPrecision) =>
    [...new Set(operators.flatMap(({ precisions }) => precisions.map((pair) => pair[key])))].sort((a, b) => a - b);
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const version = runtimeVersion();
  const runtime = `ONNX Runtime ${version}`;
  const threads = `${settings.threads} ${settings.launcher.length > 0 ? 'pinned ' : ''}thread${settings.threads === 1 ? '' : 's'}`;
  const how = `median of ${settings.samples} samples after ${settings.warmUpRuns} runs`;
  const digest = createHash('sha256').update(`${processor};${runtime};${threads}`).digest('hex').slice(0, 8);
  return {
    name: settings.name,
    description: `this machine, measured: ${processor}, ${runtime}, ${threads}, ${how}; layers are single kernels, a network given with its graph is timed whole`,
    version: `${version}-${digest}`,
    provenance: 'measured',
    metrics: ['latency'],
    weightBits: widths('weightBits'),
    activationBits: widths('activationBits'),
    operators,
    defaultBatch: 1,
    maximumBatch: MAXIMUM_BATCH,
    defaultCounted: 'all',
    additive: false,
    validation: [],
  };
}

/** The package's, whose number is its library's: to load that takes a process of its own. */
function runtimeVersion(): string {
  return createRequire(import.meta.url)('onnxruntime-node/package.json').version;
}
