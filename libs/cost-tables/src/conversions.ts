import { type DataFlow, FLOAT_BITS, type LayerCost, NETWORK_INPUT } from '@bitwright/core';
import type { LayerShape } from '@bitwright/hardware-kit';

/**
 * What a network takes beyond its layers: a constant, and milliseconds for a million elements (see
 * {@link ConvertedElements}). Fitted by `hardware check-table --fit-conversions` to whole networks.
 */
export type TableConversions = {
  /** Below zero where a network takes less than its layers measured alone. */
  readonly constantMs: number;
  readonly quantizedMsPerMillion: number;
  readonly dequantizedMsPerMillion: number;
  readonly requantizedMsPerMillion: number;
  readonly joinedInFloatMsPerMillion: number;
};

/** Millions of elements, in the whole batch, that a policy converts on their way to a layer, or adds in float. */
export type ConvertedElements = {
  /** From float to integers. */
  readonly quantized: number;
  /** From integers to float. */
  readonly dequantized: number;
  /** From integers of some bits to others. */
  readonly requantized: number;
  /** Of additions that have to be in float, because one of their inputs is. */
  readonly joinedInFloat: number;
};

export const CONVERSION_KINDS = ['quantized', 'dequantized', 'requantized', 'joinedInFloat'] as const;

/**
 * What a policy converts between layers: a tensor has the precision of the layers that it comes from, float where one of
 * them runs in float; the network's input is float. `costs` say what each layer runs at.
 */
export function convertedElements(
  { sources, joins }: DataFlow,
  layers: readonly LayerShape[],
  costs: readonly Pick<LayerCost, 'executedActivationBits'>[],
  batch: number,
): ConvertedElements {
  const bitsOf = (layer: number) => (layer === NETWORK_INPUT ? FLOAT_BITS : costs[layer]?.executedActivationBits) ?? 0;
  const widest = (read: readonly number[]) => Math.max(...read.map(bitsOf));
  const converted = { quantized: 0, dequantized: 0, requantized: 0, joinedInFloat: 0 };
  layers.forEach((layer, index) => {
    const [from, to] = [widest(sources[index] ?? [NETWORK_INPUT]), bitsOf(index)];
    if (from === to) return;
    const kind = from === FLOAT_BITS ? 'quantized' : to === FLOAT_BITS ? 'dequantized' : 'requantized';
    converted[kind] += (batch * layer.inChannels * layer.inputHeight * layer.inputWidth) / 1e6;
  });
  for (const join of joins) {
    if (widest(join.sources) === FLOAT_BITS) converted.joinedInFloat += (batch * join.elements) / 1e6;
  }
  return converted;
}

/** Time beyond the layers, ms; may be below zero. */
export function conversionMs(conversions: TableConversions, elements: ConvertedElements): number {
  return CONVERSION_KINDS.reduce(
    (sum, kind) => sum + conversions[`${kind}MsPerMillion`] * elements[kind],
    conversions.constantMs,
  );
}
