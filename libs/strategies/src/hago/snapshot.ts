import { BitwrightError } from '@bitwright/core';

const MAGIC = 'hago1';

/** Scores by assignment, as JSON; a failed one has none. */
export function writeScores(scores: ReadonlyMap<string, number>): Uint8Array {
  const entries = [...scores].map(([bits, score]) => [bits, Number.isFinite(score) ? score : null]);
  return new TextEncoder().encode(JSON.stringify([MAGIC, entries]));
}

/** Throws `data_loss` for bytes that are no snapshot of this strategy. */
export function readScores(snapshot: Uint8Array): ReadonlyMap<string, number> {
  const content = parse(snapshot);
  const entries = Array.isArray(content) && content[0] === MAGIC ? content[1] : undefined;
  if (!Array.isArray(entries)) throw corrupt();
  return new Map(
    entries.map(([bits, score]) => [String(bits), typeof score === 'number' ? score : Number.NEGATIVE_INFINITY]),
  );
}

function parse(snapshot: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(snapshot));
  } catch (cause) {
    throw corrupt(cause);
  }
}

const corrupt = (cause?: unknown) =>
  new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', 'the snapshot is not one of the hago strategy', { cause });
