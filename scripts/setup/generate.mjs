import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './failure.mjs';
import { hashInputs } from './input-hash.mjs';
import { checkoutFolder, setupFolder } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { readStamp, writeStamp } from './stamp.mjs';

const stampFile = join(setupFolder, 'generate.json');

/** The step that turns `proto/` into TypeScript. */
export const generateStep = {
  name: 'Generated code',
  isDone: () => readStamp(stampFile) === getKey() && listOutputs().every((folder) => existsSync(folder)),
  run: generateCode,
};

function listTemplates() {
  return readdirSync(checkoutFolder).filter((name) => /^buf\.gen.*\.yaml$/.test(name));
}

function getKey() {
  return hashInputs(['proto', 'package.json', 'node_modules/ts-proto/package.json', ...listTemplates()]);
}

/** Output folders, from the `out:` lines of the templates; one that somebody deleted is generated anew. */
function listOutputs() {
  return listTemplates().flatMap((name) => {
    const outputs = readFileSync(join(checkoutFolder, name), 'utf8').matchAll(/^\s*(?:- )?out:\s*(\S+)/gm);
    return [...outputs].map(([, path]) => join(checkoutFolder, path));
  });
}

async function generateCode() {
  const key = getKey();
  const result = await runCommand('npm', ['run', '--silent', 'generate'], { log: 'generate', cwd: checkoutFolder });
  if (result.code !== 0) {
    throw explainFailure(result.output, {
      task: 'generate code from proto/',
      remedy: 'see .cache/setup/generate.log, correct the definitions and run the command again',
    });
  }
  writeStamp(stampFile, key);
}
