import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Fills a folder so that it is there complete or not at all: work happens in `<target>.part-<pid>`, renamed at the end.
 * Two set-ups may race; the loser's work is dropped.
 */
export async function fillFolder(target, fill) {
  removeAbandonedParts(target);
  const part = `${target}.part-${process.pid}`;
  mkdirSync(part, { recursive: true });
  try {
    await fill(part);
    if (!existsSync(target)) renameSync(part, target);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

function removeAbandonedParts(target) {
  const parent = dirname(target);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(`${basename(target)}.part-`)) continue;
    if (!isRunning(Number(name.split('-').at(-1)))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Whether a process with this id exists, ours or not. */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Bytes of all files below a folder; files may come and go meanwhile. */
export function measureFolder(folder) {
  let total = 0;
  for (const entry of listQuietly(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) total += measureFolder(path);
    else total += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}

function listQuietly(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * Reports how a folder grows while `work` runs: tells the progress of a tool that draws its own bar, or none.
 * Measures a twentieth of the time at most: a large folder takes a while to walk.
 */
export async function watchFolder(folder, onBytes, work) {
  let timer;
  const measure = () => {
    const startedAt = performance.now();
    onBytes(measureFolder(folder));
    timer = setTimeout(measure, Math.max(200, 20 * (performance.now() - startedAt)));
  };
  timer = setTimeout(measure, 200);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
