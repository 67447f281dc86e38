import { BitwrightError } from '@bitwright/core';

const MAGIC = 'hago1';

/** The policy that an assignment was lowered to, and that one's score. */
export type Known = { readonly policy: string; readonly score: number };

/** What is known, by assignment, as JSON; a failed one has no score, and what was not lowered is its own policy. */
export function writeKnown(known: ReadonlyMap<string, Known>): Uint8Array {
  const entries = [...known].map(([bits, { policy, score }]) => {
    const entry = [bits, Number.isFinite(score) ? score : null];
    return policy === bits ? entry : [...entry, policy];
  });
  return new TextEncoder().encode(JSON.stringify([MAGIC, entries]));
}

/** Throws `data_loss` for bytes that are no snapshot of this strategy. Earlier ones never say what was lowered. */
export function readKnown(snapshot: Uint8Array): ReadonlyMap<string, Known> {
  const content = parse(snapshot);
  const entries = Array.isArray(content) && content[0] === MAGIC ? content[1] : undefined;
  if (!Array.isArray(entries)) throw corrupt();
  return new Map(
    entries.map(([bits, score, policy = bits]) => [
      String(bits),
      { policy: String(policy), score: typeof score === 'number' ? score : Number.NEGATIVE_INFINITY },
    ]),
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
