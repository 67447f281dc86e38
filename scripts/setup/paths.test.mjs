import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { getCacheFolder, getDataFolder } from './paths.mjs';

describe('the shared folders', () => {
  it('are in BITWRIGHT_CACHE, else in the cache of the desktop, else in ~/.cache', () => {
    expect(getCacheFolder({ BITWRIGHT_CACHE: '/big/disk', XDG_CACHE_HOME: '/x' })).toBe('/big/disk');
    expect(getCacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/bitwright');
    expect(getCacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(`${homedir()}/.cache/bitwright`);
    expect(getCacheFolder({})).toBe(`${homedir()}/.cache/bitwright`);
  });

  it('hold the data sets, unless BITWRIGHT_DATA says otherwise', () => {
    expect(getDataFolder({ BITWRIGHT_CACHE: '/c' })).toBe('/c/datasets');
    expect(getDataFolder({ BITWRIGHT_CACHE: '/c', BITWRIGHT_DATA: '/d' })).toBe('/d');
  });
});
