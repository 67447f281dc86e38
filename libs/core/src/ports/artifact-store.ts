/**
 * Bytes by their own SHA-256 (hex). Puts are idempotent. `get` throws `not_found`, and `data_loss` when the bytes no
 * longer match the digest.
 */
export interface ArtifactStore {
  put(bytes: Uint8Array, signal?: AbortSignal): Promise<string>;
  get(digest: string, signal?: AbortSignal): Promise<Uint8Array>;
  has(digest: string, signal?: AbortSignal): Promise<boolean>;
}
