import { roundHalfToEven } from '@bitwright/core';

/**
 * Weights exactly as HAQ's reference computes them: float32 arithmetic, signed zeros kept. `bits` from 2 (at 1 the
 * reference divides by zero). Source: mit-han-lab/haq, lib/utils/quantize_utils.py, weight quantization.
 */
export function haqQuantizeWeights(weights: Float32Array, clip: number, bits: number): Float32Array {
  const limit = Math.fround(clip);
  const scale = Math.fround(clip / (2 ** (bits - 1) - 1));
  return weights.map((weight) => roundToScale(Math.min(Math.max(weight, -limit), limit), scale));
}

/**
 * Activations exactly as HAQ's reference computes them, clipping by absolute values (PACT, arXiv 1805.06085, eq. 1) in
 * float32. A signed ("full wave") range uses one bit less than asked for: `s = c / (2^(b-1) - 1)`, and 1 bit leaves
 * the input as it is; an unsigned ("half wave") one `s = c / (2^b - 1)`.
 */
export function haqQuantizeActivations(
  inputs: Float32Array,
  range: number,
  bits: number,
  signed: boolean,
): Float32Array {
  const usedBits = signed ? bits - 1 : bits;
  if (usedBits < 1) return inputs.slice();
  const limit = Math.fround(range);
  const scale = Math.fround(limit / (2 ** usedBits - 1));
  const clip = signed ? clipFullWave : clipHalfWave;
  return inputs.map((input) => roundToScale(clip(input, limit), scale));
}

const { fround, abs } = Math;

const clipHalfWave = (x: number, limit: number) => 0.5 * fround(fround(abs(x) - abs(fround(x - limit))) + limit);

const clipFullWave = (x: number, limit: number) => 0.5 * fround(abs(fround(-x - limit)) - abs(fround(x - limit)));

/** Keeps the sign of zero, as IEEE 754's rounding does. */
function roundToScale(value: number, scale: number): number {
  const magnitude = roundHalfToEven(fround(abs(value) / scale));
  return fround((value < 0 || Object.is(value, -0) ? -magnitude : magnitude) * scale);
}
