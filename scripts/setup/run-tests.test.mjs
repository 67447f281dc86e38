import { describe, expect, it } from 'vitest';
import { countTests, findUnfinished, formatCounts } from './run-tests.mjs';

const green = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

describe('the counts of a test run', () => {
  it('are those of the report', () => {
    expect(formatCounts(countTests(green, 0))).toBe('3 passed, 0 failed');
    const mixed = { ...green, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };
    expect(formatCounts(countTests(mixed, 1))).toBe('3 passed, 2 failed, 2 skipped');
  });

  it('count a file that does not load', () => {
    const broken = { status: 'failed', assertionResults: [] };
    const failing = { status: 'failed', assertionResults: [{ status: 'failed' }] };
    const report = { ...green, numFailedTests: 1, testResults: [broken, failing] };
    expect(countTests(report, 1)).toMatchObject({ passed: 3, failed: 2 });
  });

  it('never call a run good that crashed, ran nothing or failed outside its tests', () => {
    expect(countTests(undefined, 1)).toMatchObject({ passed: 0, failed: 1 });
    expect(countTests({ ...green, numPassedTests: 0 }, 0)).toMatchObject({ failed: 1 });
    expect(countTests(green, 1)).toMatchObject({ passed: 3, failed: 1 });
  });
});

describe('the files whose process ended in the middle', () => {
  it('have a test that never ran to its end, or none that was found', () => {
    const whole = { name: 'whole', status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'skipped' }] };
    const cut = { name: 'cut', status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'pending' }] };
    const empty = { name: 'empty', status: 'passed', assertionResults: [] };
    const broken = { name: 'broken', status: 'failed', assertionResults: [] };
    expect(findUnfinished({ testResults: [whole, cut, empty, broken] })).toEqual(['cut', 'empty']);
    expect(findUnfinished(undefined)).toEqual([]);
  });
});
