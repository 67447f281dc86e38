import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseProcessors, pinnedTo } from './pinned-processors.js';

describe('processors to pin to', () => {
  it.each([
    ["pid 7's current affinity list: 0-3", [0, 1, 2, 3]],
    ["pid 7's current affinity list: 0,2,4-5\n", [0, 2, 4, 5]],
    ["pid 7's current affinity list: 3", [3]],
  ])('are read from %j', (text, processors) => {
    expect(parseProcessors(text)).toEqual(processors);
  });

  it('are not guessed from other words', () => {
    expect(() => parseProcessors('no such process')).toThrow('is no list of processors');
  });

  it('are as many as threads, where one is left over for others', () => {
    const launcher = pinnedTo(1);
    if (availableParallelism() > 1) expect(launcher).toEqual(['taskset', '-c', expect.stringMatching(/^\d+$/)]);
    expect(pinnedTo(availableParallelism())).toEqual([]);
  });
});
