import type { ArtifactStore } from '@bitwright/core';
import { artifactNotFound, assertDigest, assertNotCancelled, digestOf } from '../file/artifact-rules.js';

/** Artifacts for as long as the process lives: for tests. */
export class MemoryArtifactStore implements ArtifactStore {
  readonly #artifacts = new Map<string, Uint8Array>();

  async put(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
    assertNotCancelled(signal);
    const digest = await digestOf(bytes);
    this.#artifacts.set(digest, Uint8Array.from(bytes));
    return digest;
  }

  async get(digest: string, signal?: AbortSignal): Promise<Uint8Array> {
    assertNotCancelled(signal);
    assertDigest(digest);
    const bytes = this.#artifacts.get(digest);
    if (bytes === undefined) throw artifactNotFound(digest);
    return bytes.slice();
  }

  async has(digest: string, signal?: AbortSignal): Promise<boolean> {
    assertNotCancelled(signal);
    assertDigest(digest);
    return this.#artifacts.has(digest);
  }
}
