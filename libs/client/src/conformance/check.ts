import type { Target } from './target.js';

/** One promise of `bitwright.hardware.v1`, and how to find out whether a target keeps it. */
export type Check = {
  /** In kebab-case; stays the same between versions. */
  readonly id: string;
  /** What is promised, as a sentence without its full stop. */
  readonly promise: string;
  /** Why the promise does not bind this target; undefined when it does. */
  skipReason?(target: Target): string | undefined;
  /** What breaks the promise, a sentence each; nothing when it is kept. What it throws breaks it, too. */
  run(target: Target): Promise<readonly string[]>;
};

/** How one check ended. */
export type CheckResult = {
  readonly id: string;
  readonly promise: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was found when it failed, why it does not apply when it was skipped. */
  readonly details: readonly string[];
};

/** Findings shown of one check: a wrong unit breaks every cell of a table alike. */
const SHOWN = 5;

/** Runs one check to its result; throws only when the caller has cancelled. */
export async function runCheck(check: Check, target: Target): Promise<CheckResult> {
  const { id, promise } = check;
  const reason = check.skipReason?.(target);
  if (reason !== undefined) return { id, promise, status: 'skipped', details: [reason] };
  const found = await findProblems(check, target);
  return { id, promise, status: found.length === 0 ? 'passed' : 'failed', details: abridge(found) };
}

async function findProblems(check: Check, target: Target): Promise<readonly string[]> {
  try {
    return await check.run(target);
  } catch (error) {
    target.signal?.throwIfAborted();
    return [error instanceof Error ? error.message : String(error)];
  }
}

function abridge(found: readonly string[]): readonly string[] {
  return found.length <= SHOWN ? found : [...found.slice(0, SHOWN), `and ${found.length - SHOWN} more like these`];
}
