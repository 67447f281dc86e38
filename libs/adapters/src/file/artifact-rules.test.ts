import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestOf } from './artifact-rules.js';

describe('the digest of an artifact', () => {
  it.each([0, 1, 1024 ** 2, 1024 ** 2 + 1])('is the SHA-256 of its %i bytes', async (size) => {
    const bytes = new Uint8Array(size).fill(7);
    expect(await digestOf(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('lets other work go on while it is made', async () => {
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 0);
    await digestOf(new Uint8Array(64 * 1024 ** 2));
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(10);
  });
});
