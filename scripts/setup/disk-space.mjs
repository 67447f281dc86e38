import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { formatBytes } from './progress.mjs';

/** Refuses to start what cannot fit. `demands` are `{ folder, bytes }`; folders on one disk are added up. */
export function checkDiskSpace(demands, { measure = measureDisk } = {}) {
  const disks = new Map();
  for (const { folder, bytes } of demands) {
    const { disk, freeBytes } = measure(findExisting(folder));
    const known = disks.get(disk) ?? { folder, freeBytes, neededBytes: 0 };
    disks.set(disk, { ...known, neededBytes: known.neededBytes + bytes });
  }
  for (const { folder, freeBytes, neededBytes } of disks.values()) {
    if (freeBytes >= neededBytes) continue;
    throw new SetupFailure(
      `Set-up needs ${formatBytes(neededBytes)} of free disk space for ${folder} and finds ${formatBytes(freeBytes)}; free some, or choose another folder with BITWRIGHT_CACHE, and run the command again.`,
    );
  }
}

function measureDisk(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return { disk: statSync(folder).dev, freeBytes: bavail * bsize };
}

function findExisting(folder) {
  return existsSync(folder) ? folder : findExisting(dirname(folder));
}
