import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * The command that keeps a child on the last `threads` processors of this process, away from the first, which serves most
 * interrupts; empty where there is no `taskset` (util-linux), or where that would be all processors.
 */
export function pinnedTo(threads: number): readonly string[] {
  if (threads >= availableParallelism()) return [];
  try {
    const processors = parseProcessors(execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' }));
    return ['taskset', '-c', processors.slice(-threads).join(',')];
  } catch {
    return [];
  }
}

/** `pid 7's current affinity list: 0-2,5` as 0, 1, 2, 5. */
export function parseProcessors(text: string): readonly number[] {
  const list = text.slice(text.lastIndexOf(':') + 1).trim();
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    if (!Number.isInteger(first) || !Number.isInteger(last)) throw new Error(`"${list}" is no list of processors`);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
