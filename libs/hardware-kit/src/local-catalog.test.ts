import { describe, expect, it } from 'vitest';
import { createLocalCatalog } from './local-catalog.js';
import { createBitProductAccelerator } from './testing/bit-product-accelerator.js';

const near = createBitProductAccelerator({ name: 'near' });
const far = createBitProductAccelerator({ name: 'far' });

describe('a catalog of local accelerators', () => {
  it('lists what each can do and opens it by name', async () => {
    const catalog = createLocalCatalog([near, far]);
    expect(await catalog.list()).toEqual([near.capabilities, far.capabilities]);
    expect(await (await catalog.open('far')).describe()).toBe(far.capabilities);
  });

  it('opens the same hardware each time, so that costs are computed once', async () => {
    const catalog = createLocalCatalog([near]);
    expect(await catalog.open('near')).toBe(await catalog.open('near'));
  });

  it('says not found and names those there are', async () => {
    const opening = createLocalCatalog([near, far]).open('moon');
    await expect(opening).rejects.toMatchObject({ kind: 'not_found' });
    await expect(opening).rejects.toThrow(/"moon".*near, far/);
    await expect(createLocalCatalog([]).open('moon')).rejects.toThrow(/there is none/);
  });

  it('refuses two accelerators of one name', () => {
    expect(() => createLocalCatalog([near, near])).toThrowError(expect.objectContaining({ kind: 'already_exists' }));
  });

  it('stops listing when the caller has given up', async () => {
    await expect(createLocalCatalog([near]).list(AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
