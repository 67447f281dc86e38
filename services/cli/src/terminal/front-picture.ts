import type { Report, ReportTrial } from '@bitwright/core';
import pc from 'picocolors';
import { formatAccuracy, formatNumber } from './format.js';

const WIDTH = 64;
const HEIGHT = 14;

type Point = { readonly x: number; readonly y: number };

/** Accuracy (up) against latency, or size without one (right): every trial, the front, and the budget as a line. */
export function frontPicture(report: Report): string {
  const metric = frontMetric(report);
  const points = report.trials
    .filter(({ accuracy, role, origin }) => accuracy !== null && role !== 'finalist' && origin !== 'float')
    .map((trial) => ({ x: metric.of(trial), y: trial.accuracy ?? 0 }));
  if (points.length === 0) return 'no policy was measured';
  const front = report.front.map((entry) => ({ x: metric.of(entry), y: entry.validationAccuracy ?? 0 }));
  const frame = frameOf(points);
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => ' '));
  drawBudget(grid, frame, report.constraints[0]?.limit);
  for (const point of points) draw(grid, frame, point, pc.gray('·'));
  for (const point of front) draw(grid, frame, point, pc.green('●'));
  const axis = `${formatNumber(frame.left)} ${metric.label}`.padEnd(WIDTH - 8) + formatNumber(frame.right).padStart(8);
  const rows = grid.map((row, index) => `${axisLabel(frame, index)} ${pc.gray('│')}${row.join('')}`);
  const legend = `${pc.green('●')} front  ${pc.gray('·')} tried${report.constraints.length > 0 ? `  ${pc.yellow('┊')} budget` : ''}   validation accuracy`;
  return [...rows, `${' '.repeat(9)}${pc.gray(`└${'─'.repeat(WIDTH)}`)}`, `${' '.repeat(10)}${axis}`, legend].join(
    '\n',
  );
}

type Costed = Pick<ReportTrial, 'latencyMs' | 'energyMj' | 'sizeBytes' | 'effectiveBits'>;

/** What the front trades accuracy for: the first constraint's metric. */
export function frontMetric(report: Report): { readonly label: string; readonly of: (item: Costed) => number } {
  switch (report.constraints[0]?.metric) {
    case 'latency':
      return { label: 'ms', of: ({ latencyMs }) => latencyMs ?? 0 };
    case 'energy':
      return { label: 'mJ', of: ({ energyMj }) => energyMj ?? 0 };
    case 'effective-bits':
      return { label: 'mean weight bits', of: ({ effectiveBits }) => effectiveBits };
    default:
      return { label: 'kB', of: ({ sizeBytes }) => sizeBytes / 1e3 };
  }
}

type Frame = { readonly left: number; readonly right: number; readonly bottom: number; readonly top: number };

/** Low outliers are clipped to the lower edge, so that the interesting part is not squeezed into one row. */
function frameOf(points: readonly Point[]): Frame {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y).sort((a, b) => a - b);
  const top = ys.at(-1) ?? 1;
  const lowerQuartile = ys[Math.floor(ys.length / 4)] ?? 0;
  const bottom = Math.min(top - 0.01, Math.max(ys[0] ?? 0, lowerQuartile - (top - lowerQuartile)));
  return { left: Math.min(...xs), right: Math.max(...xs), bottom, top };
}

function draw(grid: string[][], frame: Frame, { x, y }: Point, mark: string): void {
  const column = columnOf(frame, x);
  const share = (Math.max(y, frame.bottom) - frame.bottom) / (frame.top - frame.bottom || 1);
  const row = grid[HEIGHT - 1 - Math.round(share * (HEIGHT - 1))];
  if (row !== undefined) row[column] = mark;
}

function drawBudget(grid: string[][], frame: Frame, limit: number | undefined): void {
  if (limit === undefined || limit < frame.left || limit > frame.right) return;
  for (const row of grid) row[columnOf(frame, limit)] = pc.yellow('┊');
}

const columnOf = (frame: Frame, x: number) =>
  Math.round(((x - frame.left) / (frame.right - frame.left || 1)) * (WIDTH - 1));

function axisLabel(frame: Frame, row: number): string {
  const y = frame.top - (row / (HEIGHT - 1)) * (frame.top - frame.bottom);
  return row % 4 === 0 || row === HEIGHT - 1 ? formatAccuracy(y).padStart(8) : ' '.repeat(8);
}
