import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress, formatBytes, formatElapsed } from './progress.mjs';

function createStream(isTTY) {
  const written = [];
  return { isTTY, columns: 60, written, write: (text) => written.push(text) };
}

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('writes a line every five seconds to a log', () => {
    const stream = createStream(false);
    const progress = createProgress(2, { stream });
    progress.skip('Packages');
    progress.start('Library', 'v2');
    progress.bytes('downloaded', 50e6, 200e6);
    vi.advanceTimersByTime(11_000);
    progress.end();
    expect(stream.written).toEqual([
      '[1/2] Packages: ready\n',
      '[2/2] Library ... v2\n',
      '[2/2] Library ... downloaded 50.0 MB of 200.0 MB, 25 %, 5.0 s\n',
      '[2/2] Library ... downloaded 50.0 MB of 200.0 MB, 25 %, 10 s\n',
      '[2/2] Library: done, 11 s\n',
    ]);
  });

  it('redraws one line in a terminal and never more than fits', () => {
    const stream = createStream(true);
    const progress = createProgress(1, { stream });
    progress.start('Library');
    progress.note('x'.repeat(100));
    vi.advanceTimersByTime(1_000);
    expect(stream.written.length).toBeGreaterThan(5);
    for (const text of stream.written) {
      expect(text).not.toContain('\n');
      expect(text.replace('\r\x1b[K', '').length).toBeLessThan(60);
    }
    progress.end('3 files');
    expect(stream.written.at(-1)).toBe('\r\x1b[K[1/1] Library: done, 3 files, 1.0 s\n');
  });

  it('is silent after a step has failed', () => {
    const stream = createStream(false);
    const progress = createProgress(1, { stream });
    progress.start('Library');
    progress.abandon();
    vi.advanceTimersByTime(20_000);
    expect(stream.written).toHaveLength(1);
  });

  it('gives sizes and times with units', () => {
    expect([5_125, 273_829_956, 1_130_000_000].map(formatBytes)).toEqual(['5 kB', '273.8 MB', '1.13 GB']);
    expect([400, 12_400, 125_000].map(formatElapsed)).toEqual(['0.4 s', '12 s', '2 min 05 s']);
  });
});
