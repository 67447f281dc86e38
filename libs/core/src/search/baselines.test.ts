import { expect, test } from 'vitest';
import { DEFAULT_SCHEME, type PrecisionPolicy } from '../policy/policy.js';
import { baselinesOf } from './baselines.js';
import type { PreparedSearch } from './prepare-search.js';

/** Three layers, the first pinned to 8 bits; a policy costs its bits in bytes. */
function searchWith(weightBits: readonly number[], limitBytes: number): PreparedSearch {
  const free = { weightBits, activationBits: [8] };
  const space = { ...DEFAULT_SCHEME, layers: [{ weightBits: [8], activationBits: [8] }, free, free] };
  const cost = ({ layers }: PrecisionPolicy) => ({
    ...{ latencyMs: undefined, energyMj: undefined, bops: 0, effectiveBits: 0 },
    sizeBytes: layers.reduce((total, layer) => total + layer.weightBits, 0),
  });
  const constraints = [{ metric: 'size', limit: limitBytes, reference: 24, smallest: 0 }];
  return { space, cost, constraints } as unknown as PreparedSearch;
}

test('every width is a control where the hardware has it, and the most bits that fit besides', () => {
  const origins = baselinesOf(searchWith([1, 2, 3, 4, 5, 6, 7, 8], 8 + 5 + 5)).map(({ origin }) => origin);
  expect(origins).toEqual(['float', 'uniform-8', 'uniform-6', 'uniform-5', 'uniform-4']);
});

test('a width that the hardware lacks is no control: it would be a lower one under a wrong name', () => {
  const origins = baselinesOf(searchWith([4, 8], 8 + 4 + 4)).map(({ origin }) => origin);
  expect(origins).toEqual(['float', 'uniform-8', 'uniform-4']);
});
