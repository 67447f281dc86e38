import { expect, test } from 'vitest';
import { DEFAULT_SCHEME, type PrecisionPolicy } from '../policy/policy.js';
import { chooseBaselines } from './baselines.js';

/** Three layers, the first pinned to 8 bits; a policy costs its bits. */
async function originsWith(
  weightBits: readonly number[],
  limit: number,
  activationBits: readonly number[] = [8],
): Promise<readonly string[]> {
  const free = { weightBits, activationBits };
  const space = { ...DEFAULT_SCHEME, layers: [{ weightBits: [8], activationBits: [8] }, free, free] };
  const costOf = ({ layers }: PrecisionPolicy) => layers.reduce((total, layer) => total + layer.weightBits, 0);
  const baselines = await chooseBaselines(space, async (policy) => costOf(policy) <= limit);
  return baselines.map(({ origin }) => origin);
}

test('every width is a control where the hardware has it, and the most bits that fit besides', async () => {
  const origins = await originsWith([1, 2, 3, 4, 5, 6, 7, 8], 8 + 5 + 5);
  expect(origins).toEqual(['float', 'uniform-8', 'uniform-6', 'uniform-5', 'uniform-4']);
});

test('a width that the hardware lacks is no control: it would be a lower one under a wrong name', async () => {
  expect(await originsWith([4, 8], 8 + 4 + 4)).toEqual(['float', 'uniform-8', 'uniform-4']);
});

test('8 bits are a control only where a layer that is not pinned has them', async () => {
  expect(await originsWith([2, 3, 4], 8 + 3 + 3, [2, 3, 4])).toEqual(['float', 'uniform-4', 'uniform-3']);
  expect(await originsWith([4], 8 + 4 + 4, [4])).toEqual(['float', 'uniform-4']);
  expect(await originsWith([8], 8 + 8 + 8, [8])).toEqual(['float', 'uniform-8']);
});

test('a search for points has controls without them', async () => {
  const layers = [{ weightBits: [2, 8], activationBits: [8] }];
  const scheme = { weightQuantizer: 'multipoint', granularity: 'per-tensor' } as const;
  const points = { rule: 'size-ratio', limit: 2, maximumPoints: 4 } as const;
  const baselines = await chooseBaselines({ ...scheme, points, layers }, async () => true);
  const policies = baselines.flatMap(({ policy }) => policy ?? []);
  expect(
    policies.map(({ weightQuantizer, granularity, points: none }) => [weightQuantizer, granularity, none]),
  ).toEqual(policies.map(() => ['linear', 'per-tensor', undefined]));
});
