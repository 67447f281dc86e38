import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileIn = (folder: string) => join(folder, 'agent.address');

/** Leaves the agent's address in the folder for those who find it in use; gives how to take it away again. */
export async function publishAddress(folder: string, address: string): Promise<() => Promise<void>> {
  await writeFile(fileIn(folder), `${address}\n`);
  return () => rm(fileIn(folder), { force: true });
}

/** The address that {@link publishAddress} left, if any. */
export async function readAddress(folder: string): Promise<string | undefined> {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
