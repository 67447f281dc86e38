import { roundHalfToEven } from '@bitwright/core';
import { type CodeRange, type ElementType, isInteger, wrapAround } from './element-type.js';

export type SimulatedQuantization = {
  /** Of the codes that come in; 1 for float. */
  readonly inScale: number;
  readonly outScale: number;
  /** Limits of the codes that go out. */
  readonly clip: CodeRange;
  readonly inType: ElementType;
  readonly outType: ElementType;
};

/**
 * HAGO's `simulated_quantize` on one value, in its order: what comes in as codes is rounded to them and wraps around as its
 * type does, then is given back as it is where float is asked for, else rounded to the codes that go out, clipped, and held
 * in their type. In float64, so that 32-bit codes are exact. This is the definition that the engine is tested against.
 */
export function simulatedQuantize(value: number, quantization: SimulatedQuantization): number {
  const { inScale, outScale, clip, inType, outType } = quantization;
  const held = isInteger(inType) ? wrapAround(roundHalfToEven(value / inScale), inType) * inScale : value;
  if (!isInteger(outType)) return held;
  const code = Math.min(Math.max(roundHalfToEven(held / outScale), clip.lowest), clip.highest);
  return wrapAround(code, outType) * outScale;
}
