import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layer } from '@bitwright/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { POLICY_SCHEMA } from './policy-file.js';
import { readPolicyFile } from './read-policy-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-policy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Only how many there are matters here, and their channels. */
const layers = [0, 1].map((index) => ({ index, outChannels: 10 })) as unknown as readonly Layer[];
const bits = (weightBits: unknown, activationBits: unknown) => ({ weightBits, activationBits });
const multipoint = { schema: POLICY_SCHEMA, weightQuantizer: 'multipoint' };
const pointed = (weightBits: number, points: number) => ({ ...bits(weightBits, 8), points });

async function read(content: unknown): Promise<unknown> {
  await writeFile(join(folder, 'policy.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return readPolicyFile('policy.json', layers, folder);
}

describe('a policy file', () => {
  it('gives the bits of each layer', async () => {
    const policy = await read({ schema: POLICY_SCHEMA, layers: [bits(4, 8), bits(32, 32)] });
    expect(policy).toMatchObject({ layers: [bits(4, 8), bits(32, 32)] });
  });

  it('gives the points of each layer where there are any', async () => {
    const policy = await read({ ...multipoint, layers: [pointed(4, 13), pointed(8, 10)] });
    expect(policy).toMatchObject({ weightQuantizer: 'multipoint', layerPoints: [13, 10] });
    const unmeasured = await read({ ...multipoint, layers: [bits(4, 8), bits(8, 8)] });
    expect(unmeasured).toMatchObject({ weightQuantizer: 'multipoint' });
    expect(unmeasured).not.toHaveProperty('layerPoints');
  });

  it.each([
    ['{', 'is no JSON'],
    [null, 'is no bitwright.policy/1'],
    [{ schema: 'bitwright.report/1', layers: [] }, 'is no bitwright.policy/1'],
    [{ ...multipoint, layers: [bits(4, 8), pointed(4, 12)] }, 'layerPoints[0]: is NaN'],
    [{ ...multipoint, layers: [pointed(4, 9), pointed(8, 10)] }, 'layerPoints[0]: is 9'],
    [{ schema: POLICY_SCHEMA, layers: [bits(4, 8)] }, 'does not fit the network: policy.layers: has 1 layers'],
    [{ schema: POLICY_SCHEMA, layers: [bits(4, 8), null] }, 'weightBits: is NaN'],
    [{ schema: POLICY_SCHEMA, layers: [bits(4, 8), bits(9, 'x')] }, 'weightBits: is 9'],
  ])('is refused with the flag, the file and the reason: %j', async (content, reason) => {
    const reading = read(content);
    await expect(reading).rejects.toMatchObject({ kind: 'invalid_argument' });
    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toThrow('policy.json');
  });

  it('is refused when it is not there', async () => {
    await expect(readPolicyFile('absent.json', layers, folder)).rejects.toThrow('there is no such file');
  });
});
