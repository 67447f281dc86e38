/**
 * One DDPG update, ours against PyTorch's, turn by turn in processes of their own. Each plays with one and with two
 * threads; the better counts.
 *
 *   npx tsx --conditions=@bitwright/source test/bench/ddpg-update/run.ts --python path/to/python-with-torch
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '5' },
    updates: { type: 'string', default: '400' },
  },
});
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function pytorch(threads: number): number {
  return Number(
    execFileSync(values.python, [path('pytorch.py'), String(threads), values.updates], { encoding: 'utf8' }),
  );
}

function bitwright(threads: number): number {
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
  const command = ['--conditions=@bitwright/source', '--import', 'tsx', path('bitwright.ts'), values.updates];
  return Number(
    execFileSync(process.execPath, command, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}

const contestants = {
  'bitwright, 1 thread': () => bitwright(1),
  'bitwright, 2 threads': () => bitwright(2),
  'pytorch, 1 thread': () => pytorch(1),
  'pytorch, 2 threads': () => pytorch(2),
};
const results = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [name, measure] of Object.entries(contestants)) results.get(name)?.push(measure());
}
const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] as number;
for (const [name, times] of results) {
  console.log(
    `${name.padEnd(22)} median ${median(times).toFixed(2)} ms (${times.map((time) => time.toFixed(2)).join(', ')})`,
  );
}
const best = (prefix: string) =>
  Math.min(...[...results].filter(([name]) => name.startsWith(prefix)).map(([, times]) => median(times)));
console.log(`ratio pytorch / bitwright: ${(best('pytorch') / best('bitwright')).toFixed(2)} (at least 1.00 wanted)`);
