import { describe, expect, it } from 'vitest';
import { sha256Hex } from './digest.js';

// FIPS 180-2, appendix B, and the empty message.
describe('SHA-256', () => {
  it('gives the published digests', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('reads a text as UTF-8', () => {
    expect(sha256Hex('ä')).toBe(sha256Hex(Uint8Array.of(0xc3, 0xa4)));
  });
});
