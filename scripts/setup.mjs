// Sets up this checkout: `npm run setup`, with `-- --for-tests` also what only tests need.
import { explainNodeVersion } from './setup/node-version.mjs';

const problem = explainNodeVersion();
if (problem) {
  console.error(problem);
  process.exit(2);
}
const { setUp } = await import('./setup/set-up.mjs');
process.exitCode = await setUp({ forTests: process.argv.includes('--for-tests') });
if (process.exitCode === 0) console.error('Set-up is complete.');
