import { BitwrightError } from '@bitwright/core';
import type { HardwareSpecification, OperatorDescriptor } from './specification.js';

const FLOAT: OperatorDescriptor = { inputs: ['float32'], output: 'float32' };
const BYTES: OperatorDescriptor = { inputs: ['int8'], output: 'int8' };
const SUMS_OF_BYTES: OperatorDescriptor = { inputs: ['int8'], output: 'int32' };
const WORDS: OperatorDescriptor = { inputs: ['int32'], output: 'int32' };

/**
 * ONNX Runtime on a CPU: its fast kernels read 8 bits, sum up in 32 and requantize themselves (`QLinearConv`, `QGemm`,
 * `QLinearAdd`, `QLinearGlobalAveragePool`); tensors that are not negative use all of an unsigned byte.
 */
const onnxruntimeCpu: HardwareSpecification = {
  name: 'onnxruntime-cpu',
  description: 'integer kernels of ONNX Runtime on a CPU, 8 bits in, requantized by the kernel',
  requantization: 'kernel',
  unsignedCodes: true,
  operators: {
    convolution: [SUMS_OF_BYTES],
    'depthwise-convolution': [SUMS_OF_BYTES],
    'grouped-convolution': [SUMS_OF_BYTES],
    'fully-connected': [SUMS_OF_BYTES, FLOAT],
    add: [SUMS_OF_BYTES, FLOAT],
    'vector-add': [FLOAT],
    relu: [BYTES, WORDS, FLOAT],
    clip: [BYTES, WORDS, FLOAT],
    'max-pool': [BYTES, FLOAT],
    'average-pool': [FLOAT],
    'global-average-pool': [SUMS_OF_BYTES, FLOAT],
    flatten: [BYTES, FLOAT],
    'batch-normalization': [FLOAT],
  },
};

/**
 * An accelerator that multiplies bytes and keeps sums in `wide`: HAGO's reference accelerator (tvm-hago, hardware
 * specification) with 32 bits, its variant for short accumulators (commit b1874aed) with 16.
 */
function int8Accelerator(name: string, wide: 'int16' | 'int32'): HardwareSpecification {
  const sums: OperatorDescriptor = { inputs: ['int8'], output: wide };
  const kept: OperatorDescriptor = { inputs: [wide], output: wide };
  return {
    name,
    description: `multiplies bytes, sums up and adds in ${wide}; float where it has no kernel`,
    requantization: 'edge',
    unsignedCodes: false,
    operators: {
      convolution: [sums],
      'depthwise-convolution': [sums],
      'grouped-convolution': [FLOAT],
      'fully-connected': [FLOAT],
      add: [kept, FLOAT],
      'vector-add': [FLOAT],
      relu: [kept, FLOAT],
      clip: [kept, FLOAT],
      'max-pool': [kept, FLOAT],
      'average-pool': [FLOAT],
      'global-average-pool': [FLOAT],
      flatten: [FLOAT],
      'batch-normalization': [FLOAT],
    },
  };
}

/** The specifications that come with Bitwright. */
export const HARDWARE_PRESETS: readonly HardwareSpecification[] = [
  onnxruntimeCpu,
  int8Accelerator('int8-accelerator', 'int32'),
  int8Accelerator('int8-accelerator-int16', 'int16'),
];

/** The preset of that name. Throws `not_found` and names those there are. */
export function findHardwarePreset(name: string): HardwareSpecification {
  const found = HARDWARE_PRESETS.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  const known = HARDWARE_PRESETS.map((preset) => preset.name).join(', ');
  const message = `there is no hardware specification "${name}"; there are ${known}, or give a YAML file`;
  throw new BitwrightError('not_found', 'SPECIFICATION_UNKNOWN', message);
}
