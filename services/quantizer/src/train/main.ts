import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { toBitwrightError } from '@bitwright/core';
import { parseTrainOptions, TRAIN_HELP } from './train-options.js';

const args = process.argv.slice(2);
try {
  const options = parseTrainOptions(args);
  if (options === 'help') process.stdout.write(`${TRAIN_HELP}\n`);
  else {
    // TensorFlow reads these when it is loaded, which the import below does.
    for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']) {
      process.env[name] ??= String(options.threads);
    }
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    const { trainNetwork } = await import('./train-network.js');
    const command = ['npm run train --', ...args].join(' ');
    await trainNetwork(options, { dataFolder: dataFolder(process.env), command, output: process.stdout });
  }
} catch (error) {
  const { kind, message, cause } = toBitwrightError(error);
  process.stderr.write(`${message}${kind === 'internal' ? `\n${(cause as Error | undefined)?.stack}` : ''}\n`);
  process.exitCode = kind === 'internal' ? 1 : 2;
}

/** Where set-up puts the data sets; the same rule as `scripts/setup/paths.mjs`. */
function dataFolder({ BITWRIGHT_DATA, BITWRIGHT_CACHE, XDG_CACHE_HOME }: NodeJS.ProcessEnv): string {
  if (BITWRIGHT_DATA) return resolve(BITWRIGHT_DATA);
  const shared = XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(BITWRIGHT_CACHE ? resolve(BITWRIGHT_CACHE) : join(shared, 'bitwright'), 'datasets');
}
