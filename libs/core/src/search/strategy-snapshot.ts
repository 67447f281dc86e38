import { BitwrightError } from '../errors.js';

/** A strategy's state and how many trials it had been told by then. */
export type StrategySnapshot = { readonly told: number; readonly state: Uint8Array };

const HEADER_BYTES = 4;

/** Little-endian count, then the strategy's own bytes. */
export function writeSnapshot({ told, state }: StrategySnapshot): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + state.length);
  new DataView(bytes.buffer).setUint32(0, told, true);
  bytes.set(state, HEADER_BYTES);
  return bytes;
}

/** Reverses {@link writeSnapshot}; throws `data_loss` for bytes it did not write. */
export function readSnapshot(bytes: Uint8Array): StrategySnapshot {
  if (bytes.length < HEADER_BYTES)
    throw new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', 'the stored strategy snapshot is truncated');
  const told = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { told, state: bytes.slice(HEADER_BYTES) };
}
