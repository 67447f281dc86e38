import { fieldConstants } from '../profile-file/physical-constant.js';
import { ARITHMETIC_ENERGY, CLOCK, MEMORY_ENERGY, OVERHEAD, STATIC_POWER } from '../profile-file/shared-constants.js';

/** What measurements can tell of a BISMO instance; its array, ports and buffers are structure. */
export const bismoConstants = fieldConstants({
  clockMegahertz: CLOCK,
  hostMicrosecondsPerLayer: OVERHEAD,
  parallelToSerialMicrosecondsPerLayer: {
    ...OVERHEAD,
    identifiedBy: 'the conversion into bit planes by itself: the time of a layer holds only the sum with the host',
  },
  binaryOperationPicojoules: ARITHMETIC_ENERGY,
  dramPicojoulesPerBit: MEMORY_ENERGY,
  staticMilliwatts: STATIC_POWER,
});
