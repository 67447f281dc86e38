import { type ArtifactServiceImplementation, requireDigest } from '@bitwright/contracts';
import type { ArtifactStore } from '@bitwright/core';
import { createUploadReceiver, type UploadLimits } from './receive-upload.js';
import { splitIntoMessages } from './remote-artifact-store.js';

/** Serves an artifact store as `bitwright.artifact.v1`. */
export function artifactHandlers(store: ArtifactStore, limits: UploadLimits = {}): ArtifactServiceImplementation {
  const receive = createUploadReceiver(limits);
  return {
    putArtifact: (messages, { signal }) =>
      receive(messages, async (bytes) => ({ digest: await store.put(bytes, signal) })),
    getArtifact: async function* ({ digest }, { signal }) {
      yield* splitIntoMessages(await store.get(requireDigest(digest, 'request.digest'), signal));
    },
    hasArtifact: async ({ digest }, { signal }) => ({
      exists: await store.has(requireDigest(digest, 'request.digest'), signal),
    }),
  };
}
