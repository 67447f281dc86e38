// `npm test`: sets up what is missing, runs the tests and ends with one line of counts. Arguments go to vitest.
import { explainNodeVersion } from './setup/node-version.mjs';

const problem = explainNodeVersion();
if (problem) {
  console.error(problem);
  process.exit(2);
}
const { setUp } = await import('./setup/set-up.mjs');
const { runTests } = await import('./setup/run-tests.mjs');
process.exitCode = (await setUp({ forTests: true })) || (await runTests(process.argv.slice(2)));
