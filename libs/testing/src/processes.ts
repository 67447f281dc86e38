import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in these, whatever the machine. */
const TICKS_PER_SECOND = 100;

/** Process ids of a process's children whose command line matches, from `/proc` (Linux). */
export async function childPids(parent: number, command: RegExp): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));
  const matches = await Promise.all(
    pids.map(async (pid) => (await parentOf(pid)) === parent && command.test(await commandLine(pid))),
  );
  return pids.filter((_, index) => matches[index]);
}

/** Whether a process is there and no zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = (await statusFields(pid))?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Time that a process has computed so far, seconds; 0 when it is gone. */
export async function processorSeconds(pid: number): Promise<number> {
  const [user = 0, system = 0] = ((await statusFields(pid)) ?? []).slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

async function parentOf(pid: number): Promise<number> {
  return Number((await statusFields(pid))?.[1]);
}

/** State, parent and more: what follows the name, which stands in brackets and may itself hold any character. */
async function statusFields(pid: number): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const end = text.lastIndexOf(') ');
  return end < 0 ? undefined : text.slice(end + 2).split(' ');
}

async function commandLine(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
}
