import type { CostTable, Layer, LayerKind } from '@bitwright/core';

/** What one bit less saves from 8/8 bits, over all counted layers of a kind, ms for the whole batch. */
export type BitSavings = {
  readonly latencyMs: number;
  readonly perActivationBitMs: number;
  readonly perWeightBitMs: number;
};

/** Sums latency at 8/8 bits and the savings of 8/7 and 7/8 bits over one kind of layer. */
export function savingsPerBit(layers: readonly Layer[], table: CostTable, kind: LayerKind): BitSavings {
  const totalMs = (weightBits: number, activationBits: number) =>
    layers.reduce((total, layer, index) => {
      if (layer.kind !== kind || table.counted[index] !== true) return total;
      return total + (table.cells[index]?.[weightBits - 1]?.[activationBits - 1]?.latencyMs as number);
    }, 0);
  const latencyMs = totalMs(8, 8);
  return { latencyMs, perActivationBitMs: latencyMs - totalMs(8, 7), perWeightBitMs: latencyMs - totalMs(7, 8) };
}
