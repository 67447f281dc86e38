import type { Layer, LayerKind, LayerPrecision } from '@bitwright/core';
import { pairText } from '../plan-table.js';

/** What a roofline knows of a cell. */
export type Work = {
  readonly kind: LayerKind;
  readonly pair: string;
  /** Multiply-accumulates and bytes of the whole batch: weights once, inputs and outputs at the activation's bits. */
  readonly macs: number;
  readonly bytes: number;
};

/** The work of a layer at a pair of bits. */
export function workOf(layer: Layer, pair: LayerPrecision, batch: number): Work {
  const activations = batch * (layer.inputElements + layer.outputElements);
  const bits = layer.weights * pair.weightBits + activations * pair.activationBits;
  return { kind: layer.kind, pair: pairText(pair), macs: layer.macs * batch, bytes: bits / 8 };
}

/**
 * A fitted device: time = max(MACs x cost of a MAC, bytes x cost of a byte) + overhead, where a MAC costs by its pair of
 * bits times a factor for the kind of layer. Milliseconds.
 */
export type Roofline = {
  readonly overheadMs: number;
  readonly msPerByte: number;
  readonly msPerMac: ReadonlyMap<string, number>;
  readonly kindFactors: ReadonlyMap<LayerKind, number>;
};

/** Undefined for a pair or a kind that the fit has not seen. */
export function predictMs(roofline: Roofline, { kind, pair, macs, bytes }: Work): number | undefined {
  const [cost, factor] = [roofline.msPerMac.get(pair), roofline.kindFactors.get(kind)];
  if (cost === undefined || factor === undefined) return undefined;
  return Math.max(macs * cost * factor, bytes * roofline.msPerByte) + roofline.overheadMs;
}
