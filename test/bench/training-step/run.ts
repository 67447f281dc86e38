/**
 * Training steps and evaluation of MobileNetV2, ours against PyTorch's eager mode, turn by turn in processes of their
 * own. Each plays with one and with two threads; the better counts. Ours asks for large pages, as the quantizer's
 * workers do; PyTorch plays as it comes, and once more with large pages, which is printed beside.
 *
 *   npx tsx --conditions=@bitwright/source test/bench/training-step/run.ts --python path/to/python-with-torch
 *
 * PyTorch: `python3 -m venv torch && torch/bin/pip install torch`.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '8' },
    threads: { type: 'string', default: '1,2' },
    only: { type: 'string', default: '' },
  },
});

type Times = { readonly training: number; readonly evaluation: number };
type Row = { readonly name: string; readonly shape: readonly number[]; readonly trainingTarget: number };

/** Width, image size, batch, output stride; and how many times as fast as PyTorch a training step has to be. */
const ROWS: readonly Row[] = [
  { name: '1.0 at 32 x 32, batch 64', shape: [1, 32, 64, 8], trainingTarget: 1.5 },
  { name: '0.25 at 32 x 32, batch 64', shape: [0.25, 32, 64, 8], trainingTarget: 1 },
  { name: '1.0 at 224 x 224, batch 16', shape: [1, 224, 16, 32], trainingTarget: 2 },
].filter(({ name }) => name.startsWith(values.only));
const EVALUATION_TARGET = 1.5;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const shapes = JSON.stringify(ROWS.map(({ shape }) => shape));

const LARGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

function run(
  command: string,
  args: readonly string[],
  threads: number,
  environment: Readonly<Record<string, string>> = {},
): readonly Times[] {
  const count = String(threads);
  const threading = { TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: '-1', OMP_NUM_THREADS: count };
  const env = { ...process.env, ...threading, ...environment };
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8', env, stdio: [...stdio] })) as readonly Times[];
}

const contestants: Readonly<Record<string, (threads: number) => readonly Times[]>> = {
  bitwright: (threads) => {
    const tsx = ['--conditions=@bitwright/source', '--import', 'tsx'];
    return run(process.execPath, [...tsx, path('bitwright.ts'), values.steps, shapes], threads, LARGE_PAGES);
  },
  pytorch: (threads) => pytorch(threads),
  'large pages, pytorch': (threads) => pytorch(threads, LARGE_PAGES),
};

function pytorch(threads: number, environment?: Readonly<Record<string, string>>): readonly Times[] {
  return run(values.python, [path('pytorch.py'), String(threads), values.steps, shapes], threads, environment);
}

/** The shortest time of all rounds, by contestant and threads. */
const best = new Map<string, Times[]>();
const shorter = (a: Times | undefined, b: Times): Times => ({
  training: Math.min(a?.training ?? b.training, b.training),
  evaluation: Math.min(a?.evaluation ?? b.evaluation, b.evaluation),
});
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const threads of values.threads.split(',').map(Number)) {
    for (const [name, measure] of Object.entries(contestants)) {
      const key = `${name}, ${threads} thread${threads > 1 ? 's' : ''}`;
      const times = measure(threads);
      best.set(
        key,
        times.map((entry, index) => shorter(best.get(key)?.[index], entry)),
      );
    }
  }
}

ROWS.forEach(({ name, trainingTarget }, index) => {
  console.log(`\nMobileNetV2 ${name}`);
  for (const [key, times] of best) {
    const { training, evaluation } = times[index] as Times;
    console.log(
      `  ${key.padEnd(32)} training ${training.toFixed(1).padStart(8)} ms   evaluation ${evaluation.toFixed(1).padStart(7)} ms`,
    );
  }
  for (const [what, target] of [
    ['training', trainingTarget],
    ['evaluation', EVALUATION_TARGET],
  ] as const) {
    const fastest = (who: string) =>
      Math.min(...[...best].filter(([key]) => key.startsWith(who)).map(([, times]) => times[index]?.[what] as number));
    const ratio = fastest('pytorch') / fastest('bitwright');
    const equal = fastest('large pages, pytorch') / fastest('bitwright');
    console.log(
      `  ${what.padEnd(10)} ${ratio.toFixed(2)} times as fast (at least ${target.toFixed(1)} wanted); ${equal.toFixed(2)} where PyTorch has large pages too`,
    );
  }
});
