import type { IntegerSpeed } from '@bitwright/core';
import { requirePositive } from './fields.js';
import type * as wire from './gen/bitwright/quantizer/v1/quantizer.js';

export function fromWireIntegerSpeed(message: wire.IntegerSpeed, field: string): IntegerSpeed {
  return {
    floatMs: requirePositive(message.floatMs, `${field}.float_ms`),
    integersMs: requirePositive(message.integersMs, `${field}.integers_ms`),
    timesAsFast: requirePositive(message.timesAsFast, `${field}.times_as_fast`),
  };
}
