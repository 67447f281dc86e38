import { describe, expect, it } from 'vitest';
import { parseStoreUrl, redactUrl } from './store-url.js';

describe('parseStoreUrl', () => {
  it.each([
    ['/var/lib/bitwright', '/var/lib/bitwright'],
    ['./state', './state'],
    ['file:///var/lib/bit%20wright', '/var/lib/bit wright'],
    ['file:state', 'state'],
  ])('takes %s as a folder', (url, folder) => {
    expect(parseStoreUrl(url)).toEqual({ kind: 'folder', folder });
  });

  it.each(['postgres://db.example/searches', 'postgresql://someone:secret@db.example:5433/searches?sslmode=require'])(
    'takes %s as a server',
    (url) => {
      expect(parseStoreUrl(url)).toEqual({ kind: 'server', url });
    },
  );

  it.each(['', 'mysql://db.example/searches', 'postgres://:::/'])('refuses %j', (url) => {
    expect(() => parseStoreUrl(url)).toThrowError(expect.objectContaining({ reason: 'STORE_URL' }));
  });
});

describe('redactUrl', () => {
  it('leaves out who connects, with what password and which parameters', () => {
    const url = 'postgres://someone:s3cret@db.example:5433/searches?password=s3cret';
    expect(redactUrl(url)).toBe('postgres://db.example:5433/searches');
  });

  it('says nothing of a URL that it cannot read', () => {
    expect(redactUrl('s3cret')).not.toContain('s3cret');
  });
});
