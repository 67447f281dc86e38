import type { SearchProgress } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { createProgressView } from '../search/progress-view.js';
import { createProgressBar } from './progress-bar.js';
import { createProgressLines } from './progress-lines.js';

const POLICY = { weightQuantizer: 'linear', granularity: 'per-channel', layers: [] } as const;
const COST = { latencyMs: 0.0931, energyMj: 0.02, sizeBytes: 100_000, bops: 1e9, effectiveBits: 3.92 };

function progress(change: Partial<SearchProgress> = {}): SearchProgress {
  return {
    ...{ searchId: 'one', sequence: 23, state: 'running', phase: 'searching', done: 23, total: 67 },
    ...{ evaluationsPerSecond: 0.5, etaSeconds: 80, latest: undefined, failure: undefined, waitingFor: undefined },
    best: { accuracy: 0.912, origin: 'haq/actor', cost: COST, policy: POLICY },
    ...change,
  };
}

function recorder(isTTY = false) {
  let written = '';
  const output = { write: (text: string) => (written += text), isTTY, columns: 120 };
  return { output, text: () => written };
}

describe('progress in lines', () => {
  it('says phase, count, best so far and ETA', () => {
    const { output, text } = recorder();
    createProgressLines(output).show(progress());
    expect(text()).toBe('searching  23/67  best 91.20 % (validation) at 0.09310 ms, 3.92 bits (haq)  ETA 1 min 20 s\n');
  });

  it('says no more than is known while it prepares', () => {
    const { output, text } = recorder();
    createProgressLines(output).show(
      progress({ phase: 'preparing', done: 0, total: 0, best: undefined, etaSeconds: undefined }),
    );
    expect(text()).toBe('preparing\n');
  });

  it('says what the search waits for, since when, why and until when, and how it goes on', () => {
    const { output, text } = recorder();
    const lines = createProgressLines(output, 5_000, () => 0);
    const at = (seconds: number) => new Date(2026, 0, 1, 12, 3, seconds).getTime();
    const waitingFor = { peer: 'hardware board', since: at(4), until: at(34), reason: 'board:1 does not answer' };
    for (const wait of [undefined, waitingFor, waitingFor, undefined])
      lines.show(progress({ waitingFor: wait, etaSeconds: wait === undefined ? 80 : undefined }));
    const rest = '23/67  best 91.20 % (validation) at 0.09310 ms, 3.92 bits (haq)';
    expect(text().trimEnd().split('\n')).toEqual([
      `searching  ${rest}  ETA 1 min 20 s`,
      `waiting for hardware board since 12:03:04  board:1 does not answer; fails at 12:03:34 unless it is back  ${rest}  ETA …`,
      `searching  ${rest}  ETA 1 min 20 s`,
    ]);
  });

  it('says how many layers of those that are measured it has', () => {
    const { output, text } = recorder();
    const lines = createProgressLines(output, 5_000, () => 0);
    const measuring = (done: number) => ({ phase: 'measuring sensitivity', done, total: 64, etaSeconds: 9 });
    for (const done of [1, 2]) lines.show(progress({ measuring: measuring(done) }));
    lines.show(progress({ measuring: measuring(3), waitingFor: { peer: 'q', since: 0, until: 1, reason: 'away' } }));
    const [first, second] = text().split('\n');
    expect(first).toMatch(/^measuring sensitivity 1 of 64 {2}23\/67 {2}best /);
    expect(second).toMatch(/^waiting for q since/);
  });

  it('comes at each change of phase, and in between every few seconds', () => {
    const { output, text } = recorder();
    let now = 0;
    const lines = createProgressLines(output, 5_000, () => now);
    for (const [time, phase] of [
      [0, 'baselines'],
      [1, 'baselines'],
      [2, 'searching'],
      [3, 'searching'],
      [9, 'searching'],
    ] as const) {
      now = 1000 * time;
      lines.show(progress({ phase }));
    }
    expect(
      text()
        .split('\n')
        .map((line) => line.split('  ')[0]),
    ).toEqual(['measuring controls', 'searching', 'searching', '']);
  });
});

describe('progress for programs', () => {
  it('is one JSON object a line, without the bits of each layer', () => {
    const { output, text } = recorder();
    const view = createProgressView(output, true);
    view.note('hello');
    view.show(progress());
    const [note, update] = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(note).toEqual({ note: 'hello' });
    expect(update).toMatchObject({
      progress: { done: 23, total: 67, etaSeconds: 80, best: { accuracy: 0.912, origin: 'haq/actor' } },
    });
    expect(text()).not.toContain('weightQuantizer');
  });
});

describe('the progress bar', () => {
  it('shows count, phase, best and ETA, lets notes through and leaves nothing behind', () => {
    const { output, text } = recorder(true);
    const stream = Object.assign(output, {
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
      clearScreenDown: () => true,
    });
    const bar = createProgressBar(stream);
    bar.note('before');
    bar.show(progress({ phase: 'preparing', done: 0, total: 0 }));
    expect(text()).toBe('before\n');
    bar.show(progress());
    bar.note('in the middle');
    bar.stop();
    expect(text()).toContain('23/67  searching  ETA 1 min 20 s  best 91.20 %');
    expect(text()).toContain('in the middle\n');
  });
});
