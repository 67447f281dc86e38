import { type ArtifactServiceImplementation, type artifactProto, LIMITS, requireDigest } from '@bitwright/contracts';
import { type ArtifactStore, invalidField } from '@bitwright/core';
import { splitIntoMessages } from './remote-artifact-store.js';

export type ArtifactHandlerOptions = {
  /** Largest artifact that is taken in, bytes. @default 512 MiB */
  readonly maximumBytes?: number | undefined;
};

/** Serves an artifact store as `bitwright.artifact.v1`. */
export function artifactHandlers(
  store: ArtifactStore,
  { maximumBytes = LIMITS.artifactBytes }: ArtifactHandlerOptions = {},
): ArtifactServiceImplementation {
  return {
    putArtifact: async (messages, { signal }) => ({
      digest: await store.put(await collect(messages, maximumBytes), signal),
    }),
    getArtifact: async function* ({ digest }, { signal }) {
      yield* splitIntoMessages(await store.get(requireDigest(digest, 'request.digest'), signal));
    },
    hasArtifact: async ({ digest }, { signal }) => ({
      exists: await store.has(requireDigest(digest, 'request.digest'), signal),
    }),
  };
}

/** All chunks in one; throws `invalid_argument` as soon as a chunk or the sum is too large. */
async function collect(
  messages: AsyncIterable<artifactProto.PutArtifactRequest>,
  maximumBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const { chunk } of messages) {
    size += chunk.length;
    if (chunk.length > LIMITS.artifactChunkBytes) throw tooLarge('request.chunk', LIMITS.artifactChunkBytes);
    if (size > maximumBytes) throw tooLarge('request', maximumBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(field: string, limit: number) {
  return invalidField(field, `is larger than ${limit} bytes`, 'ARTIFACT_SIZE');
}
