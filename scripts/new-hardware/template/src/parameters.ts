import type { HardwareCapabilities } from '@bitwright/core';

/** What the service says of itself. */
export const CAPABILITIES: HardwareCapabilities = {
  name: 'NAME',
  description: 'a device by its peak operations, its memory and its launch; not validated',
  ...{ version: '1', provenance: 'simulated', metrics: ['latency'], validation: [], additive: true },
  weightBits: [4, 8], // assumed: a multiplier takes one 8-bit weight or two of 4 bits
  activationBits: [8], // assumed: a multiplier's other operand
  ...{ defaultBatch: 1, maximumBatch: 64, defaultCounted: 'all' }, // assumed: the buffers of 64 images
};

/** What the data sheet says, one unit in each name. All is assumed here: put in your numbers and name their sources. */
export const PARAMETERS = {
  teraOperationsPerSecondAt8Bits: 0.5, // assumed: 500 multipliers at 0.5 GHz, two operations each
  dramGigabytesPerSecond: 12.8, // assumed: 32-bit LPDDR4 at 3200 MT/s
  launchMicrosecondsPerLayer: 10, // assumed: one descriptor and one interrupt
};
