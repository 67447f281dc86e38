import { frontMetric, type Report, searchedTrials } from '@bitwright/core';
import pc from 'picocolors';
import { validationImagesText } from '../report/sample-counts.js';
import { formatAccuracy, formatNumber } from './format.js';

const WIDTH = 64;
const HEIGHT = 14;
const MARGIN = ' '.repeat(9);

type Point = { readonly x: number; readonly y: number };

/** Accuracy (up) against the budget's metric (right): what was tried, the front, the result, and the budget as a line. */
export function frontPicture(report: Report): string {
  const metric = frontMetric(report);
  const trials = searchedTrials(report);
  if (trials.length === 0) return 'No policy was measured.';
  const toPoint = (trial: (typeof trials)[number]) => ({ x: metric.of(trial), y: trial.accuracy ?? 0 });
  const points = trials.map(toPoint);
  const frame = frameOf(points);
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => ' '));
  drawLimit(grid, frame, metric.limit);
  for (const point of points) draw(grid, frame, point, pc.gray('·'));
  for (const entry of report.front)
    draw(grid, frame, { x: metric.of(entry), y: entry.validationAccuracy ?? 0 }, pc.green('●'));
  const result = trials.find(({ policyHash }) => policyHash === report.result.policyHash);
  if (result !== undefined) draw(grid, frame, toPoint(result), pc.red('◆'));
  return [...withAxes(grid, frame, metric.label), legend(report, metric.limit !== undefined)].join('\n');
}

type Frame = { readonly left: number; readonly right: number; readonly bottom: number; readonly top: number };

/** Low outliers are drawn at the lower edge, so that the interesting part is not squeezed into one row. */
function frameOf(points: readonly Point[]): Frame {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y).sort((a, b) => a - b);
  const top = ys.at(-1) ?? 1;
  const lowerQuartile = ys[Math.floor(ys.length / 4)] ?? 0;
  const bottom = Math.min(top - 0.01, Math.max(ys[0] ?? 0, lowerQuartile - (top - lowerQuartile)));
  return { left: Math.min(...xs), right: Math.max(...xs), bottom, top };
}

function draw(grid: string[][], frame: Frame, { x, y }: Point, mark: string): void {
  const share = (Math.max(y, frame.bottom) - frame.bottom) / (frame.top - frame.bottom);
  const row = grid[HEIGHT - 1 - Math.round(share * (HEIGHT - 1))];
  if (row !== undefined) row[columnOf(frame, x)] = mark;
}

function drawLimit(grid: string[][], frame: Frame, limit: number | undefined): void {
  if (limit === undefined || limit < frame.left || limit > frame.right) return;
  for (const row of grid) row[columnOf(frame, limit)] = pc.yellow('┊');
}

const columnOf = (frame: Frame, x: number) =>
  Math.round(((x - frame.left) / (frame.right - frame.left || 1)) * (WIDTH - 1));

function withAxes(grid: readonly (readonly string[])[], frame: Frame, unit: string): readonly string[] {
  const rows = grid.map((row, index) => `${axisLabel(frame, index)} ${pc.gray('│')}${row.join('').trimEnd()}`);
  const [left, right] = [formatNumber(frame.left), `${formatNumber(frame.right)} ${unit}`];
  const scale = `${MARGIN} ${left.padEnd(WIDTH - right.length)}${right}`;
  return [...rows, `${MARGIN}${pc.gray(`└${'─'.repeat(WIDTH)}`)}`, scale];
}

/** A label on every fourth row, and on the last. */
function axisLabel(frame: Frame, row: number): string {
  const y = frame.top - (row / (HEIGHT - 1)) * (frame.top - frame.bottom);
  const isLabelled = row === HEIGHT - 1 || (row % 4 === 0 && row < HEIGHT - 2);
  return isLabelled ? formatAccuracy(y).padStart(8) : ' '.repeat(8);
}

function legend(report: Report, hasLimit: boolean): string {
  const marks = [`${pc.green('●')} front`, `${pc.gray('·')} tried`, `${pc.red('◆')} result`];
  return `${MARGIN} ${[...marks, ...(hasLimit ? [`${pc.yellow('┊')} budget`] : [])].join('   ')}\n${MARGIN} up: accuracy on ${validationImagesText(report)}`;
}
