import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './failure.mjs';
import { watchFolder } from './folders.mjs';
import { runCommand } from './run-command.mjs';

/**
 * Downloads a Debian package and unpacks it below `folder`, without root and without installing it.
 * Returns the folder that stands for `/`. apt checks the archive's signature and the package's digest.
 */
export async function downloadDebianPackage(name, folder, { onBytes, remedy }) {
  const download = join(folder, 'download');
  mkdirSync(download);
  const result = await watchFolder(download, onBytes, () => downloadWithApt(name, folder, download));
  const file = readdirSync(download).find((entry) => entry.endsWith('.deb'));
  if (result.code !== 0 || !file) {
    throw explainFailure(result.output, { task: `download Debian's package ${name}`, remedy, usesNetwork: true });
  }
  const unpacked = join(folder, 'root');
  const unpacking = await runCommand('dpkg-deb', ['-x', join(download, file), unpacked], { log: 'dpkg' });
  if (unpacking.code !== 0) throw explainFailure(unpacking.output, { task: `unpack Debian's package ${name}`, remedy });
  return unpacked;
}

/** With the machine's own lists first; images often come without any, so then with fresh ones in a folder of ours. */
async function downloadWithApt(name, folder, cwd) {
  const plain = await runCommand('apt-get', ['download', name], { log: 'apt', cwd });
  if (plain.code === 0) return plain;
  const options = preparePrivateState(folder);
  const update = await runCommand('apt-get', [...options, 'update'], { log: 'apt', cwd });
  const fresh = await runCommand('apt-get', [...options, 'download', name], { log: 'apt', cwd });
  return { code: fresh.code, output: fresh.code === 0 ? fresh.output : update.output + fresh.output };
}

function preparePrivateState(folder) {
  const state = join(folder, 'apt-state');
  const cache = join(folder, 'apt-cache');
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true });
  // As root, apt would drop to a user of its own, who may not enter a private folder.
  return ['-o', `Dir::State=${state}`, '-o', `Dir::Cache=${cache}`, '-o', 'APT::Sandbox::User=root'];
}
