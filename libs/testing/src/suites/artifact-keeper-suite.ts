import { type ArtifactKeeper, type ArtifactStore, sha256Hex } from '@bitwright/core';
import { beforeAll, describe, expect, it } from 'vitest';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const later = () => Date.now() + 60_000;
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 20));

/** What every store of which artifacts may be removed must do. `open` is called once. */
export function describeArtifactKeeper(
  name: string,
  open: () => Promise<ArtifactStore & ArtifactKeeper> | (ArtifactStore & ArtifactKeeper),
): void {
  describe(`${name} as a keeper of artifacts`, () => {
    let store: ArtifactStore & ArtifactKeeper;
    beforeAll(async () => {
      store = await open();
    });

    it('lists and removes what was put before a time, and leaves what was put since', async () => {
      const old = await store.put(bytesOf('old'));
      await aMoment();
      const time = Date.now();
      await aMoment();
      const young = await store.put(bytesOf('young'));
      expect(await store.putBefore(time)).toContain(old);
      expect(await store.putBefore(time)).not.toContain(young);
      expect(await store.removePutBefore(young, time)).toBe(false);
      expect(await store.removePutBefore(old, time)).toBe(true);
      expect([await store.has(old), await store.has(young)]).toEqual([false, true]);
      expect(await store.putBefore(later())).toEqual(expect.not.arrayContaining([old]));
    });

    it('takes what is put again, or touched, for new', async () => {
      const digests = [await store.put(bytesOf('again')), await store.put(bytesOf('touched'))];
      await aMoment();
      const time = Date.now();
      await aMoment();
      await store.put(bytesOf('again'));
      expect(await store.touch(digests[1] as string)).toBe(true);
      for (const digest of digests) expect(await store.removePutBefore(digest, time)).toBe(false);
      expect(await store.get(digests[0] as string)).toEqual(bytesOf('again'));
    });

    it('says so where there is nothing to touch or to remove', async () => {
      const digest = sha256Hex('not there');
      expect([await store.touch(digest), await store.removePutBefore(digest, later())]).toEqual([false, false]);
    });

    it('never loses what somebody has just put, though it is removed at the same time', async () => {
      const bytes = bytesOf('wanted and unwanted');
      for (let round = 0; round < 50; round += 1) {
        const digest = await store.put(bytes);
        await aMoment();
        const time = Date.now();
        await Promise.all([store.removePutBefore(digest, time), aMomentOrLess(round).then(() => store.put(bytes))]);
        expect(await store.get(digest)).toEqual(bytes);
      }
    });

    it('belongs to one owner, until another one comes', async () => {
      expect([await store.claim('one'), await store.claim('one')]).toEqual([true, true]);
      expect([await store.claim('other'), await store.claim('one')]).toEqual([false, false]);
    });
  });
}

const aMomentOrLess = (round: number) => (round % 2 === 0 ? Promise.resolve() : new Promise(setImmediate));
