import { FLOAT_BITS, type ParameterTensor } from '@bitwright/core';
import { codeLimits } from '../export/layer-quantization.js';
import { writeQuantizedWeight } from '../export/write-quantized.js';
import type { GraphWriter } from '../wire/graph-writer.js';

/** Writes a made-up weight, symmetric with one scale for each output channel; up to 4 bits take half a byte. */
export function writeTimingWeight(writer: GraphWriter, name: string, weight: ParameterTensor, bits: number): string {
  if (bits === FLOAT_BITS) return writeQuantizedWeight(writer, name, weight, { kind: 'float' }, false);
  const scales = new Float32Array(weight.shape[0] ?? 1).fill(weightScale(weight, bits));
  return writeQuantizedWeight(writer, name, weight, { kind: 'linear', bits, scales }, bits <= 4);
}

/** The step between the codes of a made-up weight, in every channel. */
export function weightScale({ values }: ParameterTensor, bits: number): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest / codeLimits(bits, true).highest;
}
