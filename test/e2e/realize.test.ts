import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStrategyLog } from '@bitwright/hago';
import { makeTemporaryFolder, type TemporaryFolder, waitUntil } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killBitwright, runBitwright, startBitwright } from './run-bitwright.js';
import { writeSmallFashionMnist } from './write-idx.js';

let temporary: TemporaryFolder;
let images: string;

beforeAll(async () => {
  temporary = await makeTemporaryFolder('bitwright-realize-');
  images = await writeSmallFashionMnist(join(temporary.path, 'images'));
});
afterAll(() => temporary.remove());

const home = () => join(temporary.path, 'home');
const realize = (...more: string[]) => [
  ...['realize', '--network', 'mobilenet-v1', '--width', '0.25', '--image-size', '32', '--classes', '10'],
  ...['--dataset', images, '--calibration-samples', '32', '--scored-samples', '100', ...more],
];

/** The trials of a log that may be written to at this moment. */
async function trialsOf(path: string) {
  const text = await readFile(path, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole === '' ? [] : parseStrategyLog(whole, path);
}

const untilTrials = (path: string) =>
  waitUntil('two trials in the log', async () => (await trialsOf(path)).length >= 2, 120_000);

describe('a realization that does not come to its end', () => {
  it('leaves at Ctrl-C what was tried, and its best is realized from there', async () => {
    const log = join(temporary.path, 'stopped.jsonl');
    const running = startBitwright(home(), realize('--log', log));
    await untilTrials(log);
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    const trials = await trialsOf(log);
    expect(stderr).toContain(`Stopped; ${trials.length} trials are in ${log}.`);
    expect(stderr).toContain(`the same command with --replay ${log}`);

    const model = join(temporary.path, 'model.onnx');
    const replayed = await runBitwright(home(), ...realize('--log', log, '--replay', log, '--out', model, '--json'));
    expect(replayed.code).toBe(0);
    const { bits, trials: tried } = JSON.parse(replayed.stdout) as { bits: { bits: number }[]; trials: number };
    const accuracies = trials.map(({ measure }) => measure.accuracy);
    const best = trials.filter(({ measure }) => measure.accuracy === Math.max(...accuracies));
    expect(best.map(({ strategy }) => strategy.bits)).toContainEqual(bits.map((variable) => variable.bits));
    expect(tried).toBe(1);
    expect((await stat(model)).size).toBeGreaterThan(100_000);
    // The log that is replayed is not replaced by its best line.
    expect(await trialsOf(log)).toHaveLength(trials.length);
  }, 300_000);

  it('leaves what was tried also when it is killed', async () => {
    const log = join(temporary.path, 'killed.jsonl');
    const running = startBitwright(home(), realize('--log', log));
    await untilTrials(log);
    await killBitwright(running);
    expect((await trialsOf(log)).length).toBeGreaterThanOrEqual(2);
  }, 300_000);
});

it('a realization that comes to its end has each trial in its log once', async () => {
  const log = join(temporary.path, 'whole.jsonl');
  const { code, stdout, stderr } = await runBitwright(home(), ...realize('--log', log, '--trials', '4', '--json'));
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const { trials, files } = JSON.parse(stdout) as { trials: number; files: { log: string } };
  expect({ trials, files }).toMatchObject({ trials: 4, files: { log } });
  expect(await trialsOf(log)).toHaveLength(4);
}, 300_000);
