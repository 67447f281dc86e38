// `npm start`: sets up what is missing, then runs the main job. Arguments go to `bitwright demo`.
import { explainNodeVersion } from './setup/node-version.mjs';

const problem = explainNodeVersion();
if (problem) {
  console.error(problem);
  process.exit(2);
}
const { setUp } = await import('./setup/set-up.mjs');
const { runForeground } = await import('./setup/run-foreground.mjs');
process.exitCode =
  (await setUp()) || (await runForeground(['services/cli/bin/bitwright.mjs', 'demo', ...process.argv.slice(2)]));
