import { BitwrightError } from '@bitwright/core';

/** The snapshot of a strategy whose whole state is how far it has come in a list; little-endian. */
export function writePosition(position: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(position).buffer);
}

/** Reverses {@link writePosition}; throws `data_loss` for anything else. `strategy` completes "is not one of". */
export function readPosition(snapshot: Uint8Array, strategy: string): number {
  if (snapshot.length !== 4)
    throw new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', `the snapshot is not one of ${strategy}`);
  return new DataView(snapshot.buffer, snapshot.byteOffset).getUint32(0, true);
}
