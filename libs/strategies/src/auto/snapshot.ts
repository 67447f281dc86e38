import { BitwrightError } from '@bitwright/core';

/** Where `auto` stands, with the snapshots of the strategies that it is made of. */
export type AutoState = {
  /** Proposals so far. */
  readonly asked: number;
  /** Whether the integer program has nothing more to propose. */
  readonly isProgramDone: boolean;
  readonly program: Uint8Array;
  readonly haq: Uint8Array;
};

const HEAD = 12;

/** Little-endian: proposals, 1 where the program is done, length of the program's snapshot, both snapshots. */
export function writeAutoSnapshot({ asked, isProgramDone, program, haq }: AutoState): Uint8Array {
  const bytes = new Uint8Array(HEAD + program.length + haq.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, asked, true);
  view.setUint32(4, isProgramDone ? 1 : 0, true);
  view.setUint32(8, program.length, true);
  bytes.set(program, HEAD);
  bytes.set(haq, HEAD + program.length);
  return bytes;
}

/** Reverses {@link writeAutoSnapshot}; throws `data_loss` for anything else. */
export function readAutoSnapshot(snapshot: Uint8Array): AutoState {
  const view = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
  const length = snapshot.length < HEAD ? 0 : view.getUint32(8, true);
  if (snapshot.length < HEAD || snapshot.length < HEAD + length)
    throw new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', 'the snapshot is not one of auto');
  return {
    asked: view.getUint32(0, true),
    isProgramDone: view.getUint32(4, true) === 1,
    program: snapshot.slice(HEAD, HEAD + length),
    haq: snapshot.slice(HEAD + length),
  };
}
