import type { PrecisionPolicy } from '../policy/policy.js';

/** A source of policies that can be read again from the first one that has no answer yet. */
export type PolicyReplay = {
  /** The policies without an answer, then those that still come. One reader at a time: a new one ends the one before. */
  unanswered(): AsyncIterable<PrecisionPolicy>;
  /** The first of them has its answer. */
  answered(): void;
};

/** Reads `policies` once, whatever the number of readers, and keeps only those without an answer. */
export function createPolicyReplay(policies: AsyncIterable<PrecisionPolicy> | Iterable<PrecisionPolicy>): PolicyReplay {
  const source = (async function* () {
    yield* policies;
  })();
  const kept: PrecisionPolicy[] = [];
  let position = 0;
  let pulling: Promise<boolean> | undefined;
  let readers = 0;
  /** False at the end. A pull that a broken reader left behind is the next reader's. */
  const pull = () => {
    pulling ??= source.next().then(({ value, done }) => {
      if (done === true) return false;
      kept.push(value);
      pulling = undefined;
      return true;
    });
    return pulling;
  };
  async function* unanswered() {
    const reader = ++readers;
    for (let sent = position; ; sent += 1) {
      while (reader === readers && sent - position >= kept.length) if (!(await pull())) return;
      const policy = kept[sent - position];
      if (reader !== readers || policy === undefined) return;
      yield policy;
    }
  }
  return {
    unanswered,
    answered: () => {
      kept.shift();
      position += 1;
    },
  };
}
