import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTable } from '@bitwright/cost-tables';
import { type LaunchedService, makeTemporaryFolder, type TemporaryFolder, waitUntil } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killBitwright, runBitwright, startBitwright } from './run-bitwright.js';
import { launch } from './services.js';
import { writeSmallFashionMnist } from './write-idx.js';

let temporary: TemporaryFolder;
let hardware: LaunchedService;
beforeAll(async () => {
  temporary = await makeTemporaryFolder();
  hardware = await launch('hardware');
}, 300_000);
afterAll(async () => {
  await hardware?.stop();
  await temporary.remove();
});

const fixture = (name: string) => fileURLToPath(new URL(`../../libs/table-builder/fixtures/${name}`, import.meta.url));
const inFolder = (name: string) => join(temporary.path, name);
const run = (...argv: string[]) => runBitwright(inFolder('home'), ...argv);

const NETWORK = ['--network', 'mobilenet-v1', '--width', '0.25', '--image-size', '32', '--classes', '10'];
const build = (...more: string[]) => ['hardware', 'build-table', ...NETWORK, ...more];
const read = async (path: string) => parseTable(await readFile(path), path);

/** Times layers for real; each start adds a line to the file, and lasts as long as it is told to. */
const timerOf = (calls: string, seconds = 0) => `sleep ${seconds}; CALLS=${calls} node ${fixture('time-layer.mjs')}`;
const callsIn = async (file: string) => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);

describe('a table that a command measures', () => {
  it('survives a kill: what was measured is not measured again, nothing is lost, and it is a target', async () => {
    const [out, journal, calls] = [inFolder('board.json'), inFolder('board.partial'), inFolder('calls')];
    const argv = build('--weight-bits', '4,8', '--activation-bits', '8', '--repeats', '3', '--out', out);
    const command = timerOf(calls, 0.05);
    const killed = startBitwright(inFolder('home'), [...argv, '--runner', command]);
    const lines = async () => (await readFile(journal, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    await waitUntil('some cells are measured', async () => (await lines()).length > 8, 60_000);
    await killBitwright(killed);
    const kept = (await lines()).slice(1).map((line) => line.slice(0, line.indexOf('"answer"')));
    const before = await callsIn(calls);
    const { code, stderr, stdout } = await run(...argv, '--runner', command);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('board.json: 28 layers') });
    expect(stdout).toContain('3 a cell after 1 to warm up');
    const all = await callsIn(calls);
    // Asked twice at most is what was under way at the kill, which nobody was told of.
    const after = all.slice(before.length);
    expect(all.length - new Set(all).size).toBeLessThanOrEqual(1);
    expect(after.length).toBeLessThanOrEqual(40 - kept.length + 1);
    const table = await read(out);
    expect(table.layers).toHaveLength(28);
    expect(new Set(all).size).toBe(2 * new Set(table.layers.map(({ cells }) => JSON.stringify(cells))).size);
    expect(table.measurement).toMatchObject({ repeats: 3, warmUp: 1, failedCells: 0, runner: command });
    expect((await readdir(temporary.path)).filter((name) => name.includes('.partial'))).toEqual([]);
  }, 300_000);

  it('is searched on and compared with at once', async () => {
    const table = ['--hardware-table', inFolder('board.json')];
    const shown = await run('hardware', 'show', 'board', ...table);
    expect(shown.stdout).toMatch(/host processor.*\n[\s\S]*weights 4, 8, activations 8/);
    const compared = await run('hardware', 'compare', 'board', 'bismo-edge', ...NETWORK, ...table, '--policies', '50');
    expect({ code: compared.code, stderr: compared.stderr }).toEqual({ code: 0, stderr: '' });
    expect(compared.stdout).toContain('board and bismo-edge put 50 random policies in');
    const images = await writeSmallFashionMnist(inFolder('images'));
    const searched = await run(
      ...['search', ...NETWORK, '--dataset', images, '--hardware', 'board', ...table, '--budget', 'latency<=0.9x'],
      ...[
        '--weight-bits',
        '4,8',
        '--activation-bits',
        '8',
        '--strategy',
        'random',
        '--trials',
        '1',
        '--finalists',
        '1',
      ],
      ...['--calibration-samples', '64', '--finetune-samples', '0', '--validation-samples', '64'],
      ...['--final-finetune-samples', '0', '--final-validation-samples', '64', '--out', inFolder('run')],
    );
    expect({ code: searched.code, stderr: searched.stderr }).toMatchObject({ code: 0 });
    expect(await readdir(inFolder('run'))).toContain('policy.json');
  }, 300_000);

  it('is checked against whole networks, and the table keeps the figures', async () => {
    const command = ['--runner', timerOf(inFolder('more-calls'))];
    const checked = await run(
      ...['hardware', 'check-table', inFolder('board.json'), ...NETWORK, ...command, '--policies', '3', '--json'],
    );
    expect(checked.code).toBe(0);
    const { comparison, points } = JSON.parse(checked.stdout) as { comparison: object; points: object[] };
    expect(points).toHaveLength(3);
    expect((await read(inFolder('board.json'))).comparisons).toEqual([comparison]);
    const shown = await run('hardware', 'show', 'board', '--hardware-table', inFolder('board.json'));
    expect(shown.stdout).toMatch(/mean absolute error.* 3 random policies of mobilenet-v1/);
  }, 300_000);

  it('prices whole policies once conversions were fitted to whole networks', async () => {
    const check = ['hardware', 'check-table', inFolder('board.json'), ...NETWORK, '--runner', timerOf(inFolder('fit'))];
    const sampling = ['--policies', '12', '--repeats', '1', '--warm-up', '0'];
    const fitted = await run(...check, ...sampling, '--fit-conversions');
    expect(fitted).toMatchObject({ code: 0, stdout: expect.stringMatching(/beyond the layers: -?\d+\.\d+ ms/) });
    expect((await read(inFolder('board.json'))).conversions?.constantMs).toEqual(expect.any(Number));
    const shown = await run('hardware', 'show', 'board', '--hardware-table', inFolder('board.json'));
    expect(shown.stdout).toContain('a policy costs more or less than the sum of its layers');
    const again = await run(...check, ...sampling, '--seed', '2');
    expect(again.stdout).toContain('sums and conversions of the table against');
    await writeFile(inFolder('board.csv'), 'kept');
    const csv = await run(...check.with(2, inFolder('board.csv')), '--fit-conversions');
    expect(csv).toMatchObject({ code: 2, stderr: expect.stringContaining('--fit-conversions needs a .json table') });
  }, 300_000);

  it('waits behind Ctrl-C: exit code 130, what was measured stays', async () => {
    const out = inFolder('interrupted.json');
    const running = startBitwright(inFolder('home'), [...build('--out', out), '--runner', 'sleep 0.2; echo 1']);
    await waitUntil('it measures', () => running.stderr().includes('measuring  '), 60_000);
    running.process.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /stopped: \d+ of 20 cells are measured and kept in .*interrupted\.partial; the same command goes on/,
    );
    const other = await run(...build('--out', out, '--runner', 'echo 2'));
    expect({ code: other.code, stderr: other.stderr }).toEqual({
      ...{ code: 1, stderr: expect.stringContaining('runner sleep 0.2; echo 1 there, echo 2 now') },
    });
    const anew = await run(...build('--out', out, '--runner', 'echo 2', '--restart', '--repeats', '1'));
    expect(anew.code).toBe(0);
    expect((await read(out)).layers[0]?.cells[0]?.latencyMs).toBe(2);
  }, 300_000);

  it('has holes where its command fails, says why, and ends with 1', async () => {
    const out = inFolder('holes.csv');
    const runner = ['--runner', `node ${fixture('misbehave.mjs')} partial`, '--retries', '0', '--repeats', '1'];
    const { code, stdout, stderr } = await run(...build('--weight-bits', '4,8', '--out', out, ...runner));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /1 cell cannot be run:\n {2}classifier at 4\/8 bits: no 4-bit GEMM\n\d+ cells could not be measured:/,
    );
    expect(stderr).toContain('the same command tries the cells that could not be measured again');
    expect((await read(out)).layers.some(({ kind }) => kind === 'depthwise')).toBe(false);
  }, 300_000);

  it('is not written where nothing could be measured; the corrected command begins at once', async () => {
    const out = inFolder('nothing.json');
    const few = ['hardware', 'build-table', '--network', 'resnet-20', '--image-size', '32', '--out', out];
    const once = ['--retries', '0', '--repeats', '1'];
    const wrong = await run(...few, ...once, '--runner', `node ${fixture('misbehave.mjs')} exit`);
    expect(wrong).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringMatching(
        /^not one of 9 cells has a cost, so no table is written; .* at 8\/8 bits: exit code 3: .*no device/m,
      ),
    });
    expect(await readdir(temporary.path)).not.toContain('nothing.json');
    const right = await run(...few, ...once, '--runner', 'echo 1');
    expect(right.code).toBe(0);
    expect((await read(out)).layers).toHaveLength(22);
  }, 300_000);

  it('stops when the runner itself must be at fault, and counts no failure as measured', async () => {
    const runner = ['--runner', `node ${fixture('misbehave.mjs')} exit`, '--retries', '0'];
    const { code, stderr } = await run(...build('--out', inFolder('fault.json'), ...runner));
    expect(code).toBe(1);
    expect(stderr).toContain('stopped: 0 of 20 cells are measured');
    expect(stderr).toContain('20 measurements in a row failed, so that the runner itself must be at fault');
  }, 300_000);

  it.each<[string, string[], RegExp]>([
    ['no such command', ['--runner', './not-there'], /the runner ".\/not-there" cannot be started: .*not found/],
    ['nobody at the address', ['--runner', '127.0.0.1:1'], /127\.0\.0\.1:1/],
    [
      'a service that is asked for ONNX',
      ['--runner', '127.0.0.1:1', '--layer-format', 'onnx'],
      /^--layer-format.* is for commands/m,
    ],
    ['a device that is no pair', ['--runner', 'x', '--device', 'fast'], /^--device is "fast"; write KEY=VALUE/m],
    ['no runner', [], /^--runner is missing/m],
  ])(
    'is refused with a clear message: %s',
    async (_, argv, message) => {
      const { code, stdout, stderr } = await run(...build('--out', inFolder('refused.json'), ...argv));
      expect({ code, stdout, stderr }).toEqual({
        code: expect.any(Number),
        stdout: '',
        stderr: expect.stringMatching(message),
      });
      expect(code).not.toBe(0);
    },
    300_000,
  );
});

describe('a table that a hardware service answers', () => {
  it('is what tabulate gives, and adds up to what the service evaluates', async () => {
    const out = inFolder('edge.json');
    const runner = ['--runner', `${hardware.address}/bismo-edge`];
    const bits = ['--weight-bits', '2,4,8', '--activation-bits', '4,8'];
    const { code, stdout, stderr } = await run(...build('--out', out, ...runner, ...bits, '--json'));
    expect(code).toBe(0);
    const progress = stderr.split('\n').filter((line) => line.startsWith('{"progress"'));
    expect(JSON.parse(progress.at(-1) ?? '')).toMatchObject({ progress: { cells: 120, allCells: 120, etaSeconds: 0 } });
    expect(JSON.parse(stdout)).toMatchObject({ out, resumed: 0, source: { hardware: 'bismo-edge' }, missing: [] });
    const tabulated = inFolder('tabulated.json');
    const address = ['--hardware', 'bismo-edge', '--hardware-address', hardware.address];
    expect((await run('hardware', 'tabulate', ...NETWORK, ...address, '--out', tabulated)).code).toBe(0);
    const [built, whole] = [await read(out), await read(tabulated)];
    expect(built.counted).toBe(whole.counted);
    built.layers.forEach(({ cells }, index) => {
      expect(whole.layers[index]?.cells).toEqual(expect.arrayContaining([...cells]));
    });
    const checked = await run('hardware', 'check-table', out, ...NETWORK, ...runner, '--json');
    const { comparison } = JSON.parse(checked.stdout) as { comparison: Record<string, number> };
    expect(comparison).toMatchObject({ policies: 20 });
    expect(comparison['meanAbsoluteErrorPercent']).toBeLessThan(1e-9);
    expect(comparison['rankCorrelation']).toBeCloseTo(1, 9);
  }, 300_000);

  it('is of one target: of several it must be named, and bits are those it has', async () => {
    const [several, unknown, bits] = [
      await run(...build('--out', inFolder('x.json'), '--runner', hardware.address)),
      await run(...build('--out', inFolder('x.json'), '--runner', `${hardware.address}/abacus`)),
      await run(
        ...build('--out', inFolder('x.json'), '--runner', `${hardware.address}/bitfusion`, '--weight-bits', '1'),
      ),
    ];
    expect(several).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/hosts several targets; write one of .*\/bismo-edge/),
    });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/names no target of .*; write one of/) });
    expect(bits).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--weight-bits.* names 1 bit; bitfusion has 2, 3/m),
    });
  }, 300_000);
});

describe('a table that is not one', () => {
  it('cannot be checked', async () => {
    await writeFile(inFolder('wrong.json'), '{}');
    const { code, stderr } = await run(
      'hardware',
      'check-table',
      inFolder('wrong.json'),
      ...NETWORK,
      '--runner',
      'echo 1',
    );
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('this is no cost table') });
  }, 300_000);
});
