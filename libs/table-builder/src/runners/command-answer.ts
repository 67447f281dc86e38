import { z } from 'zod';
import type { CellAnswer } from '../runner.js';

/** More than any cell needs. */
const MOST_SAMPLES = 100_000;

const problem = (text: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `${text}, not ${show(input)}`,
});
const time = z.number(problem('must be numbers of ms')).gt(0, problem('must be above 0 ms')).max(1e18);
const amount = z.number(problem('must be a number')).min(0, problem('must be at least 0')).max(1e18);
const isWidth = (width: number) => width === 32 || (Number.isInteger(width) && width >= 1 && width <= 8);
const bitsProblem = problem('must be an integer from 1 to 8, or 32');
const bits = z.number(bitsProblem).refine(isWidth, bitsProblem);

const ANSWER = z.strictObject({
  ms: z.union([
    z.array(time).min(1, 'must hold a number').max(MOST_SAMPLES, `must hold at most ${MOST_SAMPLES} numbers`),
    time,
  ]),
  spreadMs: amount.optional(),
  energyMj: amount.optional(),
  trafficBytes: amount.optional(),
  executedWeightBits: bits.optional(),
  executedActivationBits: bits.optional(),
  device: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

const UNSUPPORTED = z.strictObject({ unsupported: z.string().min(1) });

/**
 * What a command printed: a number of milliseconds a line, or one JSON object. Everything else is a failure that says what
 * is wrong, so that no line of a log is ever taken for a time.
 */
export function parseCommandAnswer(stdout: string): CellAnswer {
  const text = stdout.trim();
  if (text === '') return failed('printed nothing; print milliseconds, one number a line');
  return text.startsWith('{') ? parseObject(text) : parseLines(text);
}

function parseLines(text: string): CellAnswer {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const samplesMs = lines.map(Number);
  const wrong = lines.find((_, index) => !isTime(samplesMs[index] as number));
  if (wrong !== undefined) {
    const fix =
      'standard output takes numbers of milliseconds above 0, one a line, or one JSON object, and nothing else';
    return failed(`printed ${show(wrong)}; ${fix}`);
  }
  if (lines.length > MOST_SAMPLES) return failed(`printed ${lines.length} numbers; the limit is ${MOST_SAMPLES}`);
  return { outcome: 'measured', samplesMs, figures: {} };
}

const isTime = (value: number) => Number.isFinite(value) && value > 0 && value <= 1e18;

function parseObject(text: string): CellAnswer {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return failed(`printed no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const unsupported = UNSUPPORTED.safeParse(content);
  if (unsupported.success) return { outcome: 'unsupported', reason: unsupported.data.unsupported };
  const answer = ANSWER.safeParse(content);
  if (!answer.success) return failed(`printed JSON whose ${answer.error.issues.map(issueText).join('; ')}`);
  const { ms, device, ...figures } = answer.data;
  return {
    ...{ outcome: 'measured', samplesMs: typeof ms === 'number' ? [ms] : ms, figures },
    ...(device === undefined ? {} : { device: textsOf(device) }),
  };
}

/** Of a union zod knows only that no side fits; the side with the deepest problem is the one that was meant. */
function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') {
    const sides = issue.errors.flat().sort((a, b) => b.path.length - a.path.length);
    const [meant] = sides;
    if (meant !== undefined) return issueText({ ...meant, path: [...issue.path, ...meant.path] });
  }
  if (issue.code === 'unrecognized_keys') return `key ${issue.keys.slice(0, 5).join(', ')} is not known`;
  const path = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step))).join('');
  return `${path} ${issue.message}`.trim();
}

const textsOf = (device: Readonly<Record<string, string | number | boolean>>) =>
  Object.fromEntries(Object.entries(device).map(([key, value]) => [key, String(value)]));

const failed = (reason: string): CellAnswer => ({ outcome: 'failed', reason });

const show = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 100);
