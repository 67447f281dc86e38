import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './folders.mjs';
import { setupFolder } from './paths.mjs';

/** Runs `work` while no other set-up works in this checkout; a lock whose owner is gone does not count. */
export async function withLock(work, { file = join(setupFolder, 'lock'), onWait = () => {} } = {}) {
  mkdirSync(join(file, '..'), { recursive: true });
  let hasWaited = false;
  while (!tryLock(file)) {
    const owner = Number(readQuietly(file));
    if (!isRunning(owner)) rmSync(file, { force: true });
    else {
      if (!hasWaited) onWait(owner);
      hasWaited = true;
      await sleep(500);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readQuietly(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
