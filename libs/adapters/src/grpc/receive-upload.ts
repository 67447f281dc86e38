import { type artifactProto, LIMITS } from '@bitwright/contracts';
import { BitwrightError, invalidField } from '@bitwright/core';

export type UploadLimits = {
  /** Of one artifact, bytes. @default 512 MiB */
  readonly maximumBytes?: number | undefined;
  /** Of all uploads under way together, bytes. @default 1 GiB */
  readonly maximumHeldBytes?: number | undefined;
  /** Longest time without a chunk, ms. @default 60000 */
  readonly idleMs?: number | undefined;
};

type Chunks = AsyncIterable<artifactProto.PutArtifactRequest>;

/** Gives an upload's bytes to `store`; they count as held until it is through. */
export type ReceiveUpload = <Result>(chunks: Chunks, store: (bytes: Uint8Array) => Promise<Result>) => Promise<Result>;

/**
 * Takes uploads in. Throws `invalid_argument` as soon as a chunk or the sum is too large, `resource_exhausted` when uploads
 * hold too much together, and `deadline_exceeded` for one that stands still.
 */
export function createUploadReceiver(limits: UploadLimits = {}): ReceiveUpload {
  const { maximumBytes = LIMITS.artifactBytes, maximumHeldBytes = 2 * LIMITS.artifactBytes, idleMs = 60_000 } = limits;
  let heldBytes = 0;
  return async (messages, store) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const { chunk } of withoutPauses(messages, idleMs)) {
        if (chunk.length > LIMITS.artifactChunkBytes) throw tooLarge('request.chunk', LIMITS.artifactChunkBytes);
        if (size + chunk.length > maximumBytes) throw tooLarge('request', maximumBytes);
        if (heldBytes + chunk.length > maximumHeldBytes) throw tooManyUploads(maximumHeldBytes);
        heldBytes += chunk.length;
        size += chunk.length;
        chunks.push(chunk);
      }
      return await store(Buffer.concat(chunks));
    } finally {
      heldBytes -= size;
    }
  };
}

/** Hands messages on, each of which has to come within the time. */
async function* withoutPauses<T>(messages: AsyncIterable<T>, idleMs: number): AsyncGenerator<T, void, undefined> {
  const iterator = messages[Symbol.asyncIterator]();
  for (;;) {
    const next = await inTime(iterator.next(), idleMs);
    if (next.done === true) return;
    yield next.value;
  }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(stalled(ms)), ms);
  });
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}

function tooLarge(field: string, limit: number): BitwrightError {
  return invalidField(field, `is larger than ${limit} bytes`, 'ARTIFACT_SIZE');
}

function tooManyUploads(limit: number): BitwrightError {
  const message = `uploads under way hold ${limit} bytes together, the most at once; try again when some have ended`;
  return new BitwrightError('resource_exhausted', 'UPLOADS_FULL', message);
}

function stalled(ms: number): BitwrightError {
  const message = `no chunk of the upload came for ${ms / 1000} s; send the artifact again from its beginning`;
  return new BitwrightError('deadline_exceeded', 'UPLOAD_STALLED', message);
}
