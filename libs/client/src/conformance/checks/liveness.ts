import { setTimeout as sleep } from 'node:timers/promises';
import type { hardwareProto } from '@bitwright/contracts';
import type { BitwrightError } from '@bitwright/core';
import { Metadata } from 'nice-grpc-common';
import type { Check } from '../check.js';
import { narrowest, widest } from '../policies.js';
import { collect, policyRequest, setupRequest, type Target } from '../target.js';
import { withinTime } from '../within-time.js';

/** How long a call may take that follows abandoned ones, ms. */
const PATIENCE_MS = 10_000;

/** Calls given up at the same time. */
const TOGETHER = 16;

export const cancellationCheck: Check = {
  id: 'cancellation',
  promise: 'a call that its caller gives up is let go: after 64 of them the next is answered as ever',
  run: async (target) => {
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: TOGETHER }, () => abandonEvaluation(target)));
    }
    const limitMs = target.patience * PATIENCE_MS;
    const next = target.evaluate([widest(target.capabilities)]);
    const answers = await withinTime(next, limitMs, `after 64 cancelled calls one hangs for ${limitMs / 1000} s`);
    return answers.length === 1 ? [] : [`after 64 cancelled calls a policy gets ${answers.length} answers`];
  },
};

/** Gives up in the middle: the setup and a policy are sent, and more would come. */
async function abandonEvaluation(target: Target): Promise<void> {
  const abort = new AbortController();
  const setup = target.setup();
  const requests = async function* () {
    yield setupRequest(setup);
    yield policyRequest(narrowest(target.capabilities), setup.layers.length);
    await sleep(200);
    abort.abort();
    await new Promise(() => {});
  };
  await collect(target.client.evaluate(requests(), { signal: abort.signal })).catch(() => undefined);
}

/** The deadline that is sent, and how late the end may come, ms. */
const DEADLINE_MS = 500;
const LATE_MS = 5_000;

export const deadlineCheck: Check = {
  id: 'deadline',
  promise: 'a call whose deadline has passed is ended by the service, with DEADLINE_EXCEEDED or by resetting it',
  run: async (target) => {
    const tooLate = new AbortController();
    const timer = setTimeout(() => tooLate.abort(), DEADLINE_MS + LATE_MS);
    // Sent as a header alone: a deadline that this side also kept would end the call whatever the service does.
    const metadata = Metadata({ 'grpc-timeout': `${DEADLINE_MS}m` });
    const options = { metadata, deadlineMs: Number.POSITIVE_INFINITY, signal: tooLate.signal };
    try {
      await collect(target.client.evaluate(openRequests(target), options));
      return ['a call that waits for policies ends well although its deadline has passed'];
    } catch (error) {
      return endProblems(error, tooLate.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  },
};

/** A setup, and then nothing. */
async function* openRequests(target: Target): AsyncGenerator<hardwareProto.EvaluateRequest> {
  yield setupRequest(target.setup());
  await new Promise(() => {});
}

function endProblems(error: unknown, isTooLate: boolean): readonly string[] {
  if (isTooLate) return [`a call with a deadline of ${DEADLINE_MS} ms is still open ${LATE_MS / 1000} s after it`];
  const { kind, message } = error as BitwrightError;
  // A reset stream reads as a lost connection.
  if (kind === 'deadline_exceeded' || kind === 'unavailable') return [];
  return [`a call whose deadline has passed ends with ${kind} (${message})`];
}
