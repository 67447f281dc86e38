/**
 * HAQ episodes an hour: a search of ours with two single-thread workers against the structure of the PyTorch reference,
 * turn by turn in processes of their own. An episode is 2048 fine-tuning and 2048 validation images of MobileNetV2 0.25
 * at 32x32 with the published strides, and 106 updates of the agent's networks. PyTorch plays with one and with two
 * threads; the better counts.
 *
 *   TORCH_PYTHON=path/to/python-with-torch \
 *     node --conditions=@bitwright/source --import tsx test/bench/haq-episode/run.ts [--rounds 2] [--episodes 12]
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: process.env['TORCH_PYTHON'] ?? 'python3' },
    rounds: { type: 'string', default: '2' },
    episodes: { type: 'string', default: '12' },
    workers: { type: 'string', default: '2' },
  },
});
const WANTED_RATIO = 3;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;

function ask<T>(command: string, args: readonly string[], environment: Record<string, string> = {}): T {
  const env = { ...process.env, ...environment };
  const text = execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as T;
}

/** Episodes an hour of ours, agent's updates and all. */
function bitwright(): number {
  const command = [
    '--conditions=@bitwright/source',
    '--import',
    'tsx',
    path('bitwright.ts'),
    values.workers,
    values.episodes,
  ];
  const { episodes, seconds } = ask<{ episodes: number; seconds: number }>(process.execPath, command);
  return (3600 * episodes) / seconds;
}

/** Episodes an hour of the reference's structure; where the time goes is printed. */
function pytorch(threads: number): number {
  const environment = { OMP_NUM_THREADS: `${threads}` };
  const args = [path('pytorch.py'), `${threads}`, values.episodes];
  const { parts } = ask<{ parts: Record<string, number[]> }>(values.python, args, environment);
  const medians = Object.entries(parts).map(([name, seconds]) => [name, median(seconds)] as const);
  const shown = medians.map(([name, seconds]) => `${name} ${seconds.toFixed(2)} s`).join(', ');
  console.log(`  pytorch, ${threads} threads: ${shown}`);
  return 3600 / medians.reduce((sum, [, seconds]) => sum + seconds, 0);
}

const contestants: Readonly<Record<string, () => number>> = {
  [`bitwright, ${values.workers} workers`]: bitwright,
  'pytorch, 1 thread': () => pytorch(1),
  'pytorch, 2 threads': () => pytorch(2),
};
const rates = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [name, measure] of Object.entries(contestants)) rates.get(name)?.push(measure());
}
for (const [name, all] of rates) {
  console.log(
    `${name.padEnd(22)} ${median(all).toFixed(0).padStart(6)} episodes an hour (${all.map((rate) => rate.toFixed(0)).join(', ')})`,
  );
}
const best = (prefix: string) =>
  Math.max(...[...rates].filter(([name]) => name.startsWith(prefix)).map(([, all]) => median(all)));
const ratio = best('bitwright') / best('pytorch');
console.log(`ratio ${ratio.toFixed(2)}, at least ${WANTED_RATIO} wanted: ${ratio >= WANTED_RATIO ? 'yes' : 'no'}`);
