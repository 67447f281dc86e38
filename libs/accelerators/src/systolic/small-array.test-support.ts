import { convolutionLayer } from '@bitwright/hardware-kit/testing';
import type { SystolicProfile } from './profile.js';
import { npuInt8Int4 } from './profiles/npu-int8-int4.js';

/** 4 x 8 elements that form one product a cycle, 32 bits of memory a cycle, buffers that hold everything: for tests. */
export const SMALL_ARRAY: SystolicProfile = {
  ...npuInt8Int4,
  ...{ name: 'small', arrayRows: 4, arrayColumns: 8, macRate: { kind: 'bit_serial' }, groupedLowering: 'per_channel' },
  ...{ weightBits: [1, 2, 3, 4, 5, 6, 7, 8], activationBits: [1, 2, 3, 4, 5, 6, 7, 8] },
  ...{ clockMegahertz: 8, dramGigabytesPerSecond: 0.032, staticMilliwatts: 0 },
};

/** Weights 10 x 12, activations 12 x 25: M = 10, K = 12, P = 25. */
export const SMALL_LAYER = convolutionLayer({ inChannels: 12, outChannels: 10, size: 5 });
