import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './failure.mjs';
import { hashInputs } from './input-hash.mjs';
import { checkoutFolder, getPackageFolder, setupFolder } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { readStamp, writeStamp } from './stamp.mjs';

const template = join(checkoutFolder, 'buf.gen.yaml');
const stampFile = join(setupFolder, 'generate.json');

/** The step that turns `proto/` into TypeScript. */
export const generateStep = {
  name: 'Generated code',
  isDone: () => !existsSync(template) || (readStamp(stampFile) === getKey() && listOutputs().every(existsSync)),
  run: generateCode,
};

function getKey() {
  return hashInputs(['proto', 'buf.gen.yaml', 'node_modules/ts-proto/package.json']);
}

function listOutputs() {
  const outputs = readFileSync(template, 'utf8').matchAll(/^\s*(?:- )?out:\s*(\S+)/gm);
  return [...outputs].map(([, path]) => join(checkoutFolder, path));
}

async function generateCode() {
  const key = getKey();
  const buf = join(getPackageFolder('@bufbuild/buf'), 'bin', 'buf');
  const result = await runCommand(process.execPath, [buf, 'generate'], {
    log: 'generate',
    cwd: checkoutFolder,
    env: { PATH: `${join(checkoutFolder, 'node_modules/.bin')}:${process.env.PATH}` },
  });
  if (result.code !== 0) {
    throw explainFailure(result.output, {
      task: 'generate code from proto/',
      remedy: 'see .cache/setup/generate.log and correct the definitions',
    });
  }
  writeStamp(stampFile, key);
}
