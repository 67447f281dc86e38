import { BitwrightError } from '@bitwright/core';
import type { Bits } from '../allocation/decisions.js';
import type { LearnerState } from './learner.js';
import type { Measured } from './quality.js';
import type { Trajectory } from './walk.js';

/** An episode that was proposed and whose outcome is not known yet. */
export type PendingEpisode = { readonly origin: string; readonly bits: Bits; readonly trajectory: Trajectory };

/** All that a HAQ search needs to go on. */
export type HaqState = {
  readonly episode: number;
  readonly told: number;
  readonly random: readonly number[];
  readonly pending: readonly PendingEpisode[];
  readonly measured: readonly Measured[];
  /** Policies whose evaluation failed. */
  readonly failed: readonly Bits[];
  readonly last: Trajectory | undefined;
  readonly learner: LearnerState;
};

/** "HAQ1", little-endian. */
const MAGIC = 0x31514148;

type Header = ReturnType<typeof toHeader>;

/**
 * Layout: magic and length of the header, the header as JSON, then raw little-endian numbers: the replay's rows (64
 * bit) and the agent's vectors (32 bit), whose lengths the header has.
 */
export function writeHaqSnapshot(state: HaqState): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(toHeader(state)));
  const { rows, agent } = state.learner;
  return new Uint8Array(
    Buffer.concat([Uint32Array.of(MAGIC, header.length), header, rows, ...(agent?.vectors ?? [])].map(bytesOf)),
  );
}

/** Reverses {@link writeHaqSnapshot}; throws `data_loss` for bytes that it did not write. */
export function readHaqSnapshot(snapshot: Uint8Array): HaqState {
  // A plain copy: a Buffer's slice would be a view of what the caller may change.
  const bytes = new Uint8Array(snapshot);
  const view = new DataView(bytes.buffer);
  if (bytes.length < 8 || view.getUint32(0, true) !== MAGIC) throw corrupt('it is not one of the haq strategy');
  const headerLength = view.getUint32(4, true);
  const header = parseHeader(bytes.subarray(8, 8 + headerLength));
  const reader = createReader(bytes.subarray(8 + headerLength));
  const rows = new Float64Array(reader(8 * header.learner.rows));
  const vectors = header.learner.vectors.map((length) => new Float32Array(reader(4 * length)));
  const { networkSeed, baseline, position, updates } = header.learner;
  const agent = updates === null ? undefined : { updates, vectors };
  return {
    ...header,
    pending: header.pending.map(({ origin, bits, trajectory }) => ({
      origin,
      bits: Uint8Array.from(bits),
      trajectory: fromPlain(trajectory),
    })),
    measured: header.measured.map(({ bits, ...outcome }) => ({ bits: Uint8Array.from(bits), ...outcome })),
    failed: header.failed.map((bits) => Uint8Array.from(bits)),
    last: header.last === null ? undefined : fromPlain(header.last),
    learner: { networkSeed, baseline: baseline ?? undefined, position, rows, agent },
  };
}

function toHeader({ episode, told, random, pending, measured, failed, last, learner }: HaqState) {
  const { networkSeed, rows, agent, position, baseline } = learner;
  return {
    episode,
    told,
    random,
    pending: pending.map(({ origin, bits, trajectory }) => ({
      origin,
      bits: [...bits],
      trajectory: toPlain(trajectory),
    })),
    measured: measured.map(({ bits, ...outcome }) => ({ bits: [...bits], ...outcome })),
    failed: failed.map((bits) => [...bits]),
    last: last === undefined ? null : toPlain(last),
    learner: {
      networkSeed,
      position,
      baseline: baseline ?? null,
      rows: rows.length,
      updates: agent?.updates ?? null,
      vectors: (agent?.vectors ?? []).map(({ length }) => length),
    },
  };
}

type PlainTrajectory = { readonly actions: readonly number[]; readonly memories: Trajectory['memories'] };

const toPlain = ({ actions, memories }: Trajectory): PlainTrajectory => ({ actions: [...actions], memories });
const fromPlain = ({ actions, memories }: PlainTrajectory): Trajectory => ({
  actions: Float32Array.from(actions),
  memories,
});

function parseHeader(bytes: Uint8Array): Header {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Header;
  } catch (cause) {
    throw corrupt('its header cannot be read', cause);
  }
}

/** Gives the next bytes as a buffer of their own; throws when there are too few. */
function createReader(bytes: Uint8Array<ArrayBuffer>): (length: number) => ArrayBuffer {
  let offset = 0;
  return (length) => {
    if (offset + length > bytes.length) throw corrupt('it is truncated');
    offset += length;
    return bytes.slice(offset - length, offset).buffer;
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

function corrupt(why: string, cause?: unknown): BitwrightError {
  return new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', `the snapshot of the search cannot be used: ${why}`, {
    cause,
  });
}
