import { type ArtifactStore, sha256Hex } from '@bitwright/core';
import { beforeAll, describe, expect, it } from 'vitest';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What every artifact store must do. `open` is called once. */
export function describeArtifactStore(name: string, open: () => ArtifactStore | Promise<ArtifactStore>): void {
  describe(`${name} as an artifact store`, () => {
    let store: ArtifactStore;
    beforeAll(async () => {
      store = await open();
    });

    it('names what it keeps by the SHA-256 of the bytes', async () => {
      const bytes = bytesOf('a model');
      expect(await store.put(bytes)).toBe(sha256Hex(bytes));
    });

    it('gives back the bytes that were put', async () => {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
      expect(Buffer.compare(await store.get(await store.put(bytes)), bytes)).toBe(0);
    });

    it('keeps nothing at all as well', async () => {
      expect(await store.get(await store.put(new Uint8Array()))).toHaveLength(0);
    });

    it('takes the same bytes again, also at the same time', async () => {
      const bytes = bytesOf('put by many');
      const digests = await Promise.all(Array.from({ length: 8 }, () => store.put(bytes)));
      expect(new Set(digests).size).toBe(1);
      expect(await store.get(await store.put(bytes))).toEqual(bytes);
    });

    it('puts the part of a larger buffer that it was given, and no more', async () => {
      const part = bytesOf('..part..').subarray(2, 6);
      expect(await store.get(await store.put(part))).toEqual(bytesOf('part'));
    });

    it('is not changed when the bytes are, after they were put or got', async () => {
      const bytes = bytesOf('immutable');
      const digest = await store.put(bytes);
      bytes.fill(0);
      (await store.get(digest)).fill(1);
      expect(await store.get(digest)).toEqual(bytesOf('immutable'));
    });

    it('knows what it has', async () => {
      expect(await store.has(await store.put(bytesOf('here')))).toBe(true);
      expect(await store.has(sha256Hex('not here'))).toBe(false);
    });

    it('throws not_found for what it does not have', async () => {
      await expect(store.get(sha256Hex('nowhere'))).rejects.toMatchObject({ kind: 'not_found' });
    });

    it.each(['', 'abc', '../../etc/passwd', `${'a'.repeat(63)}/`, 'A'.repeat(64)])(
      'refuses %j, which is no digest',
      async (digest) => {
        await expect(store.get(digest)).rejects.toMatchObject({ kind: 'invalid_argument' });
        await expect(store.has(digest)).rejects.toMatchObject({ kind: 'invalid_argument' });
      },
    );

    it('throws cancelled when the caller gave up', async () => {
      const signal = AbortSignal.abort();
      await expect(store.put(bytesOf('x'), signal)).rejects.toMatchObject({ kind: 'cancelled' });
      await expect(store.get(sha256Hex('x'), signal)).rejects.toMatchObject({ kind: 'cancelled' });
    });
  });
}
