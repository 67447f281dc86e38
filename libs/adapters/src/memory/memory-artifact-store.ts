import type { ArtifactKeeper, ArtifactStore } from '@bitwright/core';
import { artifactNotFound, assertDigest, assertNotCancelled, digestOf } from '../file/artifact-rules.js';

/** Artifacts for as long as the process lives: for tests. */
export class MemoryArtifactStore implements ArtifactStore, ArtifactKeeper {
  readonly #artifacts = new Map<string, Uint8Array>();
  readonly #putAt = new Map<string, number>();
  readonly #owners = new Set<string>();

  async put(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
    assertNotCancelled(signal);
    const digest = await digestOf(bytes);
    this.#artifacts.set(digest, Uint8Array.from(bytes));
    this.#putAt.set(digest, Date.now());
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

  async claim(ownerId: string): Promise<boolean> {
    return this.#owners.add(ownerId).size === 1;
  }

  async touch(digest: string): Promise<boolean> {
    return this.#putAt.has(digest) && this.#putAt.set(digest, Date.now()).has(digest);
  }

  async putBefore(time: number): Promise<readonly string[]> {
    return [...this.#putAt].flatMap(([digest, putAt]) => (putAt < time ? [digest] : []));
  }

  async removePutBefore(digest: string, time: number): Promise<boolean> {
    if ((this.#putAt.get(digest) ?? time) >= time) return false;
    this.#putAt.delete(digest);
    return this.#artifacts.delete(digest);
  }
}
