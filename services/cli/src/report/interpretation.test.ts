import type { ReportLayer } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { groupLayers, interpretationText } from './interpretation.js';

const layer = (change: Partial<ReportLayer>): ReportLayer => ({
  ...{
    index: 0,
    name: 'layer',
    kind: 'pointwise',
    weightBits: 4,
    activationBits: 6,
    weights: 1,
    macs: 1,
    sizeBytes: 1,
  },
  ...{ executedWeightBits: 4, executedActivationBits: 6, counted: true, latencyMs: 1, latencyMsAt8Bits: 2 },
  ...{ energyMj: null, trafficBytes: 8, operationsPerByte: 6, bound: 'compute' },
  ...{ latencyMsPerWeightBit: 0.2, latencyMsPerActivationBit: 0.1, energyMjPerWeightBit: null },
  ...{ energyMjPerActivationBit: null, ...change },
});

describe('the groups of layers', () => {
  it('are by kind and bound, the one that takes longest first, without layers that do not count', () => {
    const groups = groupLayers([
      layer({ latencyMs: 1 }),
      layer({ latencyMs: 3, weightBits: 8, operationsPerByte: 10 }),
      layer({ kind: 'depthwise', bound: 'memory', latencyMs: 12, latencyMsPerActivationBit: 2 }),
      layer({ counted: false, latencyMs: 1000 }),
    ]);
    expect(groups).toEqual([
      expect.objectContaining({ kind: 'depthwise', bound: 'memory', layers: 1, share: 0.75, perActivationBitMs: 2 }),
      expect.objectContaining({ kind: 'pointwise', layers: 2, share: 0.25, weightBits: 6, operationsPerByte: 10 }),
    ]);
  });

  it('are none where the hardware does not say what bounds a layer', () => {
    expect(groupLayers([layer({ bound: null })])).toEqual([]);
    expect(interpretationText([layer({ bound: null })])).toBeUndefined();
  });
});

describe('the interpretation', () => {
  it('says where the time goes and which bit would save most', () => {
    const text = interpretationText([
      layer({ latencyMs: 1 }),
      layer({ kind: 'depthwise', bound: 'memory', latencyMs: 3, latencyMsPerActivationBit: 0.5 }),
    ]);
    expect(text).toBe(
      '75 % of the time is bound by memory, 25 % of the time is bound by compute. Most of it, 75 %, goes to depthwise layers that memory bounds; they got 4.0 bits for weights and 6.0 bits for activations in the mean: one bit less of their activations would save more than one of their weights (0.500 ms against 0.200).',
    );
  });

  it('says when no bit would save anything', () => {
    const idle = { latencyMsPerWeightBit: 0, latencyMsPerActivationBit: null };
    expect(interpretationText([layer({ ...idle, bound: 'overhead' })])).toContain('starting a layer takes the time');
    expect(interpretationText([layer(idle)])).toContain('at the fewest bits that save anything');
  });
});
