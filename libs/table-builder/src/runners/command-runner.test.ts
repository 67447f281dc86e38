import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convolutionLayer } from '@bitwright/hardware-kit/testing';
import { isRunning, makeTemporaryFolder, type TemporaryFolder, waitUntil } from '@bitwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandRunnerOptions, createCommandRunner } from './command-runner.js';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const NODE = JSON.stringify(process.execPath);
const misbehave = (way: string, file = '') => `${NODE} ${fixture('misbehave.mjs')} ${way} ${file}`;

let temporary: TemporaryFolder;
beforeEach(async () => {
  temporary = await makeTemporaryFolder();
});
afterEach(() => temporary.remove());

const LAYER = { ...convolutionLayer({ inChannels: 8, outChannels: 16, size: 4, kernel: 3 }), name: "it's a layer" };
const PAIR = { weightBits: 4, activationBits: 8 };

const runnerOf = (command: string, change: Partial<CommandRunnerOptions> = {}) =>
  createCommandRunner({
    ...{ command, hardware: 'board', provenance: 'measured', device: {}, timeoutMs: 20_000, layerFormat: 'json' },
    ...change,
  });

async function ask(command: string, change: Partial<CommandRunnerOptions> = {}, signal?: AbortSignal) {
  const request = { layer: LAYER, batch: 2, samples: 3 };
  const [answer] = await runnerOf(command, change).measureLayer(request, [PAIR], signal);
  return answer;
}

const failure = (reason: RegExp) => ({ outcome: 'failed', reason: expect.stringMatching(reason) });

describe('a command that measures', () => {
  it('really times a layer, as often as it is asked to', async () => {
    const answer = await ask(`${NODE} ${fixture('time-layer.mjs')}`);
    expect(answer).toMatchObject({
      outcome: 'measured',
      samplesMs: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
  });

  it('gets the layer as one line of JSON', async () => {
    const seen = join(temporary.path, 'seen');
    expect(await ask(`tee ${seen} > /dev/null; echo 0.5`)).toMatchObject({ samplesMs: [0.5] });
    const text = await readFile(seen, 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(text)).toEqual({
      ...{ schema: 'bitwright.runner/1', name: "it's a layer", kind: 'convolution', inChannels: 8, outChannels: 16 },
      ...{ kernelHeight: 3, kernelWidth: 3, stride: 1, groups: 1, inputHeight: 4, inputWidth: 4, outputHeight: 4 },
      ...{ outputWidth: 4, macs: 18_432, weights: 1152, weightBits: 4, activationBits: 8, batch: 2, samples: 3 },
    });
  });

  it('gets an ONNX file as its last word when that is asked for, and the file goes when it ends', async () => {
    const [copy, path] = [join(temporary.path, 'copy.onnx'), join(temporary.path, 'path')];
    const command = `sh -c 'cp "$0" ${copy}; printf %s "$0" > ${path}; echo 1'`;
    expect(await ask(command, { layerFormat: 'onnx' })).toMatchObject({ outcome: 'measured' });
    const bytes = await readFile(copy);
    expect(bytes.includes('QuantizeLinear')).toBe(true);
    await expect(readFile(await readFile(path, 'utf8'))).rejects.toThrow('ENOENT');
  });

  it('need not read what it is given', async () => {
    const wide = { ...LAYER, name: 'x'.repeat(1_000_000) };
    const request = { layer: wide, batch: 1, samples: 1 };
    expect(await runnerOf(misbehave('deaf')).measureLayer(request, [PAIR])).toMatchObject([{ samplesMs: [0.25] }]);
  });

  it('is a line for the shell: pipes and variables are its own', async () => {
    expect(await ask('X=0.5; echo "$X" | sed s/5/25/')).toMatchObject({ samplesMs: [0.25] });
  });

  it('says what it can of the machine, and what the user adds', async () => {
    const { name, provenance, device } = await runnerOf('echo 1', { device: { clock: '1.5 GHz' } }).describe();
    expect({ name, provenance, device }).toMatchObject({
      ...{ name: 'board', provenance: 'measured' },
      device: { clock: '1.5 GHz', 'host threads': expect.stringMatching(/^\d+ of \d+$/) },
    });
  });
});

describe('a command that goes wrong', () => {
  it.each<[string, RegExp]>([
    ['exit', /^exit code 3: warming up \| no device at \/dev\/board0$/],
    ['garbage', /^printed "Loading model\.\.\."/],
    ['nan', /^printed "NaN"/],
    ['negative', /^printed "-1"/],
    ['nothing', /^printed nothing/],
    ['flood', /^printed more than 1 MiB/],
  ])('fails with the reason: %s', async (way, reason) => {
    expect(await ask(misbehave(way))).toEqual(failure(reason));
  });

  it('fails when a signal ends it', async () => {
    expect(await ask('kill -9 $$')).toEqual(failure(/^was killed/));
  });

  it.each(['./is-not-there.sh', '/dev/null'])('stops everything when there is no such command: %s', async (command) => {
    await expect(ask(command)).rejects.toMatchObject({
      ...{ kind: 'failed_precondition', reason: 'RUNNER_COMMAND', message: expect.stringContaining(command) },
    });
  });

  const childOf = async (file: string) => {
    const read = async () => (await readFile(file, 'utf8').catch(() => '')) || undefined;
    await waitUntil('the child has started', async () => (await read()) !== undefined);
    return Number(await read());
  };

  it('is ended with all that it started when it takes too long', async () => {
    const file = join(temporary.path, 'child');
    expect(await ask(misbehave('hang', file), { timeoutMs: 1500 })).toEqual(failure(/^took longer than 1\.5 s/));
    const child = await childOf(file);
    await waitUntil('the child has ended', async () => !(await isRunning(child)));
  });

  it('is ended with all that it started when the user gives up', async () => {
    const file = join(temporary.path, 'child');
    const cancelling = new AbortController();
    const asking = ask(misbehave('hang', file), {}, cancelling.signal);
    const child = await childOf(file);
    expect(await isRunning(child)).toBe(true);
    cancelling.abort();
    await expect(asking).rejects.toMatchObject({ kind: 'cancelled' });
    await waitUntil('the child has ended', async () => !(await isRunning(child)));
  });

  it('is not started when the user has given up', async () => {
    await expect(ask('sleep 100', {}, AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('leaves nothing running behind its answer', async () => {
    const file = join(temporary.path, 'child');
    expect(await ask(misbehave('leave', file))).toMatchObject({ samplesMs: [0.5] });
    const child = await childOf(file);
    await waitUntil('the child has ended', async () => !(await isRunning(child)));
  });

  it('that ignores being asked to end is ended all the same', async () => {
    const script = join(temporary.path, 'stubborn.sh');
    await writeFile(script, "trap '' TERM\nwhile true; do sleep 0.1; done\n");
    expect(await ask(`sh ${script}`, { timeoutMs: 300 })).toEqual(failure(/^took longer than 0\.3 s/));
  });
});
