import { setTimeout as sleep } from 'node:timers/promises';
import type { hardwareProto } from '@bitwright/contracts';
import { isClose } from '../cells.js';
import type { Check } from '../check.js';
import { createGate } from '../gate.js';
import { narrowest, widest } from '../policies.js';
import { skipMeasured } from '../provenance.js';
import { repeatSample } from '../sample-network.js';
import { collect, type Pair, policyRequest, type Question, setupRequest, type Target } from '../target.js';
import { withinTime } from '../within-time.js';

type Answer = hardwareProto.EvaluateResponse;
type Call = { readonly question: Question; readonly layerCount: number; readonly pair: Pair };

/** Evaluations open at the same time: more than one search on each of a machine's cores. */
const PARALLEL = 16;
/** What they ask differs in four ways. */
const VARIANTS = 4;
const LIMIT_MS = 60_000;

export const concurrencyCheck: Check = {
  id: 'concurrency',
  promise: `${PARALLEL} evaluations are served at once, each with the answers that it gets alone`,
  run: async (target) => {
    const alone: Answer[] = [];
    for (let variant = 0; variant < VARIANTS; variant += 1) {
      const { pair, question } = callOf(target, variant);
      alone.push(...(await target.evaluate([pair], question)));
    }
    const limitMs = target.patience * LIMIT_MS;
    const late = `${PARALLEL} evaluations at once take over ${limitMs / 1000} s`;
    const together = await withinTime(evaluateTogether(target), limitMs, late);
    // A measured latency may well suffer from the company; what was asked must not.
    const slack = skipMeasured(target) === undefined ? 1e-6 : Number.POSITIVE_INFINITY;
    return together.flatMap((answers, index) => mixProblems(answers, alone[index % VARIANTS], slack));
  },
};

/** Networks of 3 to 6 layers, 1 or 2 images, few or many bits. */
function callOf({ capabilities }: Target, index: number): Call {
  const layerCount = 3 + (index % VARIANTS);
  const batch = Math.min(capabilities.maximumBatch, 1 + (index % 2));
  const pair = index % VARIANTS < 2 ? narrowest(capabilities) : widest(capabilities);
  return { layerCount, pair, question: { layers: repeatSample(layerCount), batch } };
}

/** Every call has sent its setup before the first sends its policy. */
async function evaluateTogether(target: Target): Promise<readonly (readonly Answer[])[]> {
  const gate = createGate();
  let waiting = 0;
  const requestsOf = async function* ({ question, layerCount, pair }: Call) {
    yield setupRequest(target.setup(question));
    waiting += 1;
    if (waiting === PARALLEL) gate.open();
    await gate.opened;
    // The setups are on their way; let them arrive.
    await sleep(100);
    yield policyRequest(pair, layerCount);
  };
  const calls = Array.from({ length: PARALLEL }, (_, index) => callOf(target, index));
  return Promise.all(calls.map((call) => collect(target.client.evaluate(requestsOf(call)))));
}

function mixProblems(answers: readonly Answer[], alone: Answer | undefined, slack: number): readonly string[] {
  const [answer] = answers;
  if (answer === undefined || alone === undefined) return ['an evaluation among others gets no answer'];
  const facts = ({ batch, counted, layers }: Answer) =>
    `batch ${batch}, ${counted.length} flags and ${layers.length} layers`;
  if (facts(answer) !== facts(alone)) return [`an evaluation of ${facts(alone)} is answered for ${facts(answer)}`];
  const isSame = isClose(answer.latencyMs, alone.latencyMs, slack);
  return isSame ? [] : [`latency_ms of a policy is ${answer.latencyMs} among others and ${alone.latencyMs} alone`];
}
