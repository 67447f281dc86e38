import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder } from '@bitwright/testing';
import { expect, it } from 'vitest';
import { fakeSurroundings } from '../surroundings.test-support.js';
import { ownHardwareDigests, withOwnHardware } from './own-hardware-flags.js';

it('tells files of one name apart by what is in them', async () => {
  await using temporary = await makeTemporaryFolder();
  const { surroundings } = fakeSurroundings({ folder: temporary.path });
  const flags = { 'hardware-profile': ['npu.yaml'], 'hardware-table': ['board=costs.json'] };
  const digests = async (profile: string) => {
    await writeFile(join(temporary.path, 'npu.yaml'), profile);
    await writeFile(join(temporary.path, 'costs.json'), '{}');
    return ownHardwareDigests(withOwnHardware(flags, undefined, surroundings));
  };
  const [first, same, other] = [await digests('a: 1'), await digests('a: 1'), await digests('a: 2')];
  expect(first).toHaveLength(2);
  expect(same).toEqual(first);
  expect(other?.[0]).not.toBe(first?.[0]);
  expect(other?.[1]).toBe(first?.[1]);
  expect(await ownHardwareDigests(surroundings)).toEqual([]);
});
