import { createRandomSource } from '@bitwright/core';
import type { ChoiceProgram } from '../../../libs/strategies/src/integer-program/choice-program.js';
import { solveChoices } from '../../../libs/strategies/src/integer-program/solve-choices.js';

/** Time of one exact solution for 53 layers and 49 pairs of bits under one to three limits. See README.md. */

const WIDTHS = [2, 3, 4, 5, 6, 7, 8];
const LAYERS = 53;
const REPEATS = 10;

/** Layers whose sizes, operations and sensitivities differ by a factor of 20, as a MobileNet's do. */
function createProgram(rows: number, budget: number, seed: number): ChoiceProgram {
  const random = createRandomSource(seed);
  const layers = Array.from({ length: LAYERS }, () => Array.from({ length: 4 }, () => Math.exp(3 * random.uniform())));
  const figures = [
    ([size = 0]: number[], weight: number) => size * weight,
    ([, macs = 0]: number[], weight: number, activation: number) => macs * weight * activation,
    ([size = 0, macs = 0]: number[], weight: number, activation: number) =>
      Math.max(macs * weight * activation, 30 * size),
  ].slice(0, rows);
  const totals = figures.map((figure) => layers.reduce((sum, layer) => sum + figure(layer, 8, 8), 0));
  const groups = layers.map((layer) =>
    WIDTHS.flatMap((weight) =>
      WIDTHS.map((activation) => ({
        value: (layer[2] ?? 0) * 4 ** -weight + (layer[3] ?? 0) * 4 ** -activation,
        shares: figures.map((figure, row) => figure(layer, weight, activation) / (budget * (totals[row] ?? 1))),
      })),
    ),
  );
  return { groups, limits: figures.map(() => 1), sense: 'minimise', exclusions: [] };
}

await solveChoices(createProgram(1, 0.6, 0));
for (const rows of [1, 2, 3]) {
  const times: number[] = [];
  let longestBlock = 0;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const program = createProgram(rows, [0.6, 0.5, 0.45][repeat % 3] ?? 0.6, repeat + 1);
    let last = performance.now();
    const beat = setInterval(() => {
      longestBlock = Math.max(longestBlock, performance.now() - last);
      last = performance.now();
    }, 1);
    const started = performance.now();
    await solveChoices(program);
    times.push(performance.now() - started);
    clearInterval(beat);
  }
  times.sort((a, b) => a - b);
  const [median, most] = [times[REPEATS / 2] ?? 0, times.at(-1) ?? 0];
  console.log(
    `${rows} limits: median ${median.toFixed(0)} ms, most ${most.toFixed(0)} ms; event loop held for at most ${longestBlock.toFixed(0)} ms`,
  );
}
