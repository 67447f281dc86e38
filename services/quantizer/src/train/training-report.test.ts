import { describe, expect, it } from 'vitest';
import { createProgressReporter, describeProgress, formatSeconds } from './training-report.js';

describe('training report', () => {
  it('tells epoch, loss, rate and time left', () => {
    const line = describeProgress({ epoch: 1, step: 150, steps: 400, loss: 0.51234 }, 4, 30_000);
    expect(line).toBe('epoch 2/4  step 150/400  loss 0.512  5.0 steps/s  50 s left');
  });

  it('writes times for people', () => {
    expect([0, 12.4, 200, 3720].map(formatSeconds)).toEqual(['0 s', '12 s', '3 min 20 s', '1 h 02 min']);
  });

  it('writes the end of each epoch where there is no terminal', () => {
    const lines: string[] = [];
    const output = { isTTY: false, write: (text: string) => lines.push(text) > 0 } as unknown as NodeJS.WriteStream;
    const report = createProgressReporter(output, 2);
    for (let step = 1; step <= 20; step += 1) report({ epoch: Math.floor((step - 1) / 10), step, steps: 20, loss: 1 });
    expect(lines.map((line) => line.slice(0, 22))).toEqual(['epoch 1/2  step 10/20 ', 'epoch 2/2  step 20/20 ']);
  });
});
