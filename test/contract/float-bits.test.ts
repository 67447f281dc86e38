import { parseConstraint } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { openSearches } from './fake-searches.js';

const searches = openSearches({ strategy: { name: 'random', options: {} }, maxTrials: 1, finalists: 1 });
const asked = (budget: string, bits: { weightBits?: readonly number[]; activationBits?: readonly number[] }) =>
  searches.run({ budget: [parseConstraint(budget)], ...bits });

describe('float bits on hardware without float kernels', () => {
  it.each([
    ['latency<=0.6x', { activationBits: [32] }, 'spec.activation_bits', /no kernels for float activations/],
    ['energy<=1mJ', { activationBits: [4, 32] }, 'spec.activation_bits', /no kernels for float activations/],
    ['latency<=10ms', { weightBits: [32] }, 'spec.weight_bits', /no kernels for float weights/],
  ])('are what is refused under %s, not the metric', async (budget, bits, field, message) => {
    await expect(asked(budget, bits)).rejects.toMatchObject({
      ...{ kind: 'unsupported', reason: 'PRECISION_UNSUPPORTED' },
      message: expect.stringMatching(message),
      violations: [{ field, description: expect.stringMatching(/use bits among 1, 2, .* 8, or limit size/) }],
    });
  });

  it('are searched under limits that no hardware decides', async () => {
    const { id } = await asked('size<=0.9x', { activationBits: [32] });
    expect((await searches.manager.get(id)).state).toBe('completed');
  });
});
