import { readFileSync } from 'node:fs';
import process from 'node:process';
import { errorCode } from './error-code.js';

/**
 * Tells a process from a later one with the same id: the clock ticks since boot at which it started (Linux; `unknown`
 * elsewhere), undefined when there is none.
 */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return isRunning(pid) ? 'unknown' : undefined;
  try {
    // the name of the command, in parentheses, may hold spaces: field 22 is the 20th after it
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    const isDead = fields[0] === 'Z' || fields[0] === 'X';
    return isDead ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
