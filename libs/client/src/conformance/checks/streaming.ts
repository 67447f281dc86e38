import type { hardwareProto } from '@bitwright/contracts';
import type { Check } from '../check.js';
import { createGate } from '../gate.js';
import { narrowest, widest } from '../policies.js';
import { type Pair, policyRequest, setupRequest, type Target } from '../target.js';
import { withinTime } from '../within-time.js';

type Answer = hardwareProto.EvaluateResponse;

/** How long the answer to one policy may take before the stream counts as held back, ms. */
const ANSWER_MS = 10_000;

export const answerOrderCheck: Check = {
  id: 'answer-order',
  promise: 'Evaluate answers every policy in order, each without waiting for the next',
  run: async (target) => {
    const pairs = [narrowest(target.capabilities), widest(target.capabilities)];
    const alone = await Promise.all(pairs.map(async (pair) => (await target.evaluate([pair]))[0]?.latencyMs ?? 0));
    const order = [0, 1, 1, 0, 1, 0];
    const asked = order.map((index) => pairs[index] as Pair);
    const expected = order.map((index) => ({ own: alone[index] as number, other: alone[1 - index] as number }));
    return [
      ...orderProblems('sent at once', await target.evaluate(asked), expected),
      ...orderProblems('sent one by one', await evaluateOneByOne(target, asked), expected),
    ];
  },
};

/** What a policy costs when it is asked for alone, and what the other one does. */
type Expected = { readonly own: number; readonly other: number };

/** Nearer to its own than to the other's is enough: measurements scatter. */
function orderProblems(how: string, answers: readonly Answer[], expected: readonly Expected[]): readonly string[] {
  if (answers.length !== expected.length) return [`${expected.length} policies ${how} got ${answers.length} answers`];
  const swapped = answers.filter(({ latencyMs }, index) => {
    const { own, other } = expected[index] as Expected;
    return Math.abs(latencyMs - own) > Math.abs(latencyMs - other);
  });
  return swapped.length === 0 ? [] : [`the answers to policies ${how} come in another order than the policies`];
}

/** Sends a policy only when the one before it is answered, as a search does that learns from each. */
async function evaluateOneByOne(
  { client, setup, patience }: Target,
  pairs: readonly Pair[],
): Promise<readonly Answer[]> {
  const question = setup();
  const end = new AbortController();
  const answered = pairs.map(createGate);
  const requests = async function* () {
    yield setupRequest(question);
    for (const [index, pair] of pairs.entries()) {
      yield policyRequest(pair, question.layers.length);
      await answered[index]?.opened;
    }
  };
  const answers: Answer[] = [];
  const stream = client.evaluate(requests(), { signal: end.signal })[Symbol.asyncIterator]();
  const limitMs = patience * ANSWER_MS;
  const held = `a policy is not answered within ${limitMs / 1000} s unless the next one is sent`;
  try {
    for (let next = await withinTime(stream.next(), limitMs, held); next.done !== true; ) {
      answered[answers.push(next.value) - 1]?.open();
      next = await withinTime(stream.next(), limitMs, held);
    }
    return answers;
  } finally {
    end.abort();
  }
}
