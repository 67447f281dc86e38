import { describe, expect, it } from 'vitest';
import { checkDiskSpace } from './disk-space.mjs';

const measure = () => ({ disk: 1, freeBytes: 1_000_000_000 });

describe('the check of free disk space', () => {
  it('lets pass what fits', () => {
    checkDiskSpace([{ folder: '/', bytes: 900_000_000 }], { measure });
    checkDiskSpace([{ folder: '/', bytes: 1 }]);
  });

  it('adds up what goes to one disk, and says how much is needed and found', () => {
    const demands = [
      { folder: '/no/such/folder', bytes: 900_000_000 },
      { folder: '/', bytes: 400_000_000 },
    ];
    expect(() => checkDiskSpace(demands, { measure })).toThrow(/needs 1.30 GB .* finds 1.00 GB; free some/);
  });
});
