import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { getNatsServer } from './nats-server.mjs';
import { checkoutFolder, getPackageFolder } from './paths.mjs';
import { runForeground } from './run-foreground.mjs';

/** Runs vitest and prints the counts as the last line. Returns the exit code. */
export async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-tests-'));
  const file = join(folder, 'results.json');
  const vitest = join(getPackageFolder('vitest'), 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runForeground([vitest, 'run', ...reporters, ...args], {
    // Set-up has just built everything: programs start in a fraction of the time, and are those that users run.
    env: { BITWRIGHT_NATS_SERVER: getNatsServer(), BITWRIGHT_BUILT: '1' },
  });
  const report = readResults(file);
  const counts = countTests(report, code);
  rmSync(folder, { recursive: true, force: true });
  for (const name of findUnfinished(report))
    console.log(`${relative(checkoutFolder, name)}: its process ended in the middle`);
  console.log(formatCounts(counts));
  return counts.failed > 0 ? code || 1 : 0;
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Counts from vitest's JSON report. A file that does not load has no tests to fail, so it counts as one itself;
 * so does a run that crashed, ran nothing or failed for a reason that no test shows.
 */
export function countTests(report, exitCode) {
  const brokenFiles = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const passed = report?.numPassedTests ?? 0;
  const failed = (report?.numFailedTests ?? 0) + brokenFiles;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const hasTrouble = exitCode !== 0 || passed === 0;
  return { passed, failed: failed === 0 && hasTrouble ? 1 : failed, skipped };
}

/** The files whose process ended before their tests did: vitest says that one ended, not which. */
export function findUnfinished(report) {
  const isUnfinished = ({ status, assertionResults }) =>
    status === 'passed' &&
    (assertionResults.length === 0 || assertionResults.some((test) => test.status === 'pending'));
  return (report?.testResults ?? []).filter(isUnfinished).map(({ name }) => name);
}

/** `3 passed, 0 failed`, and `, 1 skipped` when there is one. */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
