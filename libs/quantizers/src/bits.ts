import { invalidField } from '@bitwright/core';

/** Throws `invalid_argument` `BITS` unless `bits` is a whole number from 1 to 8. Float layers are the caller's business. */
export function assertBits(bits: number, field = 'bits'): void {
  if (Number.isInteger(bits) && bits >= 1 && bits <= 8) return;
  throw invalidField(field, `is ${bits}; use a whole number from 1 to 8`, 'BITS');
}
