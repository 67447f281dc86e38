import type { CheckResult, ConformanceReport } from '@bitwright/client';
import pc from 'picocolors';

/** The report on one target for people: a line a check, what was found below those that failed, the count. */
export function conformanceText({ hardware, conforms, results }: ConformanceReport): string {
  const width = Math.max(...results.map(({ id }) => id.length));
  const verdict = conforms ? pc.green('keeps the contract') : pc.red('breaks the contract');
  return [
    pc.bold(`${hardware} ${verdict}`),
    ...results.flatMap((result) => checkLines(result, width)),
    countText(results),
  ].join('\n');
}

const MARKS: Readonly<Record<CheckResult['status'], string>> = { passed: '✓', failed: '✗', skipped: '–' };

function checkLines({ id, promise, status, details }: CheckResult, width: number): readonly string[] {
  const colour = { passed: pc.green, failed: pc.red, skipped: pc.dim }[status];
  const line = `  ${colour(MARKS[status])} ${id.padEnd(width)}  ${promise}`;
  const indent = ' '.repeat(width + 6);
  switch (status) {
    case 'passed':
      return [line];
    case 'skipped':
      return [`${line} ${pc.dim(`(skipped: ${details.join('; ')})`)}`];
    case 'failed':
      return [line, ...details.map((detail) => `${indent}${pc.red(detail)}`)];
  }
}

function countText(results: readonly CheckResult[]): string {
  const count = (status: CheckResult['status']) => results.filter((result) => result.status === status).length;
  return `  ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}
