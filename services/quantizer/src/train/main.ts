import { toBitwrightError } from '@bitwright/core';
import { defaultDataFolder } from '../data-folder.js';
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
    await trainNetwork(options, { dataFolder: defaultDataFolder(process.env), command, output: process.stdout });
  }
} catch (error) {
  const { kind, message, cause } = toBitwrightError(error);
  process.stderr.write(`${message}${kind === 'internal' ? `\n${(cause as Error | undefined)?.stack}` : ''}\n`);
  process.exitCode = kind === 'internal' ? 1 : 2;
}
