import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './failure.mjs';
import { measureFolder, watchFolder } from './folders.mjs';
import { checkoutFolder } from './paths.mjs';
import { formatBytes } from './progress.mjs';
import { runCommand } from './run-command.mjs';

/** With some room for npm's own cache of what it downloads. */
const installedBytes = 1_700_000_000;
const modulesFolder = join(checkoutFolder, 'node_modules');

/** The step that installs the npm packages of the lockfile. */
export const packagesStep = {
  name: 'npm packages',
  isDone: () => matchesLockfile(readPackages('package-lock.json'), readPackages('node_modules/.package-lock.json')),
  space: () => ({ folder: checkoutFolder, bytes: installedBytes }),
  run: installPackages,
};

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(checkoutFolder, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

/**
 * Whether what npm says it installed is what the lockfile asks for. Contents are compared, not dates: a checkout
 * dates every file anew. Packages for other systems are optional and absent.
 */
export function matchesLockfile(wanted, installed) {
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed[path];
    if (!found) return Boolean(optional);
    return link ? found.link === true : found.version === version;
  });
}

/**
 * Not `npm ci`: it refuses a lockfile that was written where the registry lacks packages for other systems. This
 * installs the same locked versions, checks the same digests and leaves the lockfile alone.
 */
async function installPackages(progress) {
  const report = (bytes) => progress.note(`${formatBytes(bytes)} installed`);
  const result = await watchFolder(modulesFolder, report, () =>
    runCommand('npm', ['install', '--no-save', '--no-progress', '--loglevel=warn'], {
      log: 'npm',
      cwd: checkoutFolder,
    }),
  );
  if (result.code === 0) return formatBytes(measureFolder(modulesFolder));
  throw explainFailure(result.output, {
    task: 'install the npm packages',
    remedy: 'see .cache/setup/npm.log, mend the cause and run the command again',
    usesNetwork: true,
  });
}
