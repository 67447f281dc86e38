import { fieldConstants } from '../profile-file/physical-constant.js';
import {
  ARITHMETIC_ENERGY,
  CHIP_MEMORY_ENERGY,
  CLOCK,
  MEMORY_BANDWIDTH,
  MEMORY_ENERGY,
  OVERHEAD,
  STATIC_POWER,
} from '../profile-file/shared-constants.js';

/** What measurements can tell of a systolic array; its size, dataflow and buffers are structure. */
export const systolicConstants = fieldConstants({
  clockMegahertz: CLOCK,
  dramGigabytesPerSecond: MEMORY_BANDWIDTH,
  hostMicrosecondsPerLayer: OVERHEAD,
  multiplyInt8Picojoules: ARITHMETIC_ENERGY,
  addInt32Picojoules: ARITHMETIC_ENERGY,
  sramPicojoulesPerBit: CHIP_MEMORY_ENERGY,
  dramPicojoulesPerBit: MEMORY_ENERGY,
  staticMilliwatts: STATIC_POWER,
});
