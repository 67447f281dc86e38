import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './failure.mjs';
import { hashInputs } from './input-hash.mjs';
import { checkoutFolder, getPackageFolder, setupFolder } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { readStamp, writeStamp } from './stamp.mjs';

const stampFile = join(setupFolder, 'build.json');

/** The step that compiles every package to `dist/`. */
export const buildStep = {
  name: 'Build',
  isDone: () => readStamp(stampFile) === getKey() && listPackages().every((path) => existsSync(join(path, 'dist'))),
  run: buildPackages,
};

function listPackages() {
  return ['libs', 'services'].flatMap((group) =>
    readdirSync(join(checkoutFolder, group))
      .map((name) => join(checkoutFolder, group, name))
      .filter((path) => existsSync(join(path, 'package.json'))),
  );
}

/** turbo knows this better but takes a second to say so. Generated code is told by the stamp that it left. */
function getKey() {
  return hashInputs([
    'libs',
    'services',
    '.cache/setup/generate.json',
    'package-lock.json',
    'tsconfig.base.json',
    'turbo.json',
  ]);
}

async function buildPackages() {
  const key = getKey();
  const turbo = join(getPackageFolder('turbo'), 'bin', 'turbo');
  const result = await runCommand(
    process.execPath,
    [turbo, 'run', 'build', '--concurrency=100%', '--output-logs=errors-only', '--no-color'],
    {
      log: 'build',
      cwd: checkoutFolder,
      env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    },
  );
  if (result.code !== 0) {
    throw explainFailure(result.output, {
      task: 'build the packages',
      remedy: 'see .cache/setup/build.log, correct the sources and run the command again',
    });
  }
  writeStamp(stampFile, key);
}
