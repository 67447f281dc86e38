import type { IntegerRealization } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { describeRealization } from './realization-text.js';
import { createWorkProgressView } from './work-progress-view.js';

const result: IntegerRealization = {
  ...{ onnxDigest: '', bytes: 306_199, opset: 17, logDigest: '', floatAccuracy: 0.9306, simulatedAccuracy: 0.9204 },
  ...{ testAccuracy: 0.92, checkedSamples: 1000, parity: 0.999, trials: 12, seconds: 65 },
  bits: [
    { variable: 'a', bits: 8 },
    { variable: 'b', bits: 6 },
    { variable: 'c', bits: 8 },
  ],
};

describe('what became of a realization, for people', () => {
  const text = describeRealization(result, { model: '/m.onnx', log: undefined });

  it('says what was lost, what ONNX Runtime found, how many bits, and where the files are', () => {
    expect(text).toContain('92.04 % on the whole test split, 1.02 points below float (93.06 %)');
    expect(text).toContain('92.00 % on 1,000 images of it, 99.90 % of them named as simulated');
    expect(text).toContain('12 strategies in 1 min 05 s; 8 bits x 2, 6 bits x 1; model 306.2 kB');
    expect(text.split('\n').at(-1)).toBe('/m.onnx');
    expect(text).not.toContain('as fast');
  });

  it('says how fast it is where it was timed', () => {
    const timed = { ...result, speed: { floatMs: 12.9123, integersMs: 5.7722, timesAsFast: 2.2481 } };
    expect(describeRealization(timed, { model: undefined, log: undefined })).toContain(
      '2.25 times as fast as float32: 5.77 against 12.9 ms an image on one thread, where the quantizer runs',
    );
  });

  it('says so when nothing is quantized or something was won', () => {
    const other = { ...result, bits: [], simulatedAccuracy: 0.94, trials: 1 };
    expect(describeRealization(other, { model: undefined, log: undefined })).toMatch(
      /0\.94 points above float[\s\S]*1 strategy in .*; nothing is quantized/,
    );
  });
});

describe('progress of work', () => {
  function view(json: boolean) {
    let now = 0;
    const written: string[] = [];
    const stderr = { write: (text: string) => void written.push(text) };
    const progress = createWorkProgressView(stderr, json, () => now);
    const show = (seconds: number, phase: string, done: number, total = 100) => {
      now = 1000 * seconds;
      progress.show({ phase, done, total });
    };
    return { show, written };
  }

  it('is a line every few seconds and at every new phase, with the time that the rest of it takes', () => {
    const { show, written } = view(false);
    show(0, 'calibrating', 0);
    show(1, 'calibrating', 10);
    show(10, 'calibrating', 20);
    show(11, 'searching', 1);
    expect(written).toHaveLength(3);
    expect(written[1]).toMatch(/^calibrating {2}20\/100 {2}ETA 40 s/);
    expect(written[2]).toMatch(/^searching {2}1\/100/);
  });

  it('begins anew where a phase comes twice', () => {
    const { show, written } = view(false);
    show(0, 'measuring', 0);
    show(60, 'measuring', 100);
    show(70, 'measuring', 10);
    show(80, 'measuring', 20);
    expect(written.at(-2)).toMatch(/^measuring {2}10\/100 {2}ETA …/);
    expect(written.at(-1)).toMatch(/^measuring {2}20\/100 {2}ETA 1 min 20 s/);
  });

  it('is JSON lines for programs, each of them', () => {
    const { show, written } = view(true);
    show(0, 'searching', 0);
    show(2, 'searching', 1, 11);
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { progress: { phase: 'searching', done: 0, total: 100 } },
      { progress: { phase: 'searching', done: 1, total: 11, etaSeconds: 20 } },
    ]);
  });
});
