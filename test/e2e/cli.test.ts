import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { POLICY_SCHEMA } from '@bitwright/cli';
import { REPORT_SCHEMA, type Report, sha256Hex } from '@bitwright/core';
import { makeTemporaryFolder, type TemporaryFolder, waitUntil } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBitwright, startBitwright } from './run-bitwright.js';
import { blankSamples, writeIdxFolder, writeSmallFashionMnist } from './write-idx.js';

let temporary: TemporaryFolder;
let home: string;
let images: string;

beforeAll(async () => {
  temporary = await makeTemporaryFolder();
  home = join(temporary.path, 'home');
  images = await writeSmallFashionMnist(join(temporary.path, 'images'));
}, 300_000);
afterAll(() => temporary.remove());

const run = (...argv: string[]) => runBitwright(home, ...argv);

const NETWORK = ['--network', 'mobilenet-v1', '--width', '0.25', '--image-size', '32', '--classes', '10'];
const search = (...more: string[]) => ['search', ...NETWORK, '--dataset', images, '--hardware', 'bismo-edge', ...more];
const EFFORT = [
  ...['--calibration-samples', '64', '--finetune-samples', '64', '--validation-samples', '64', '--finalists', '1'],
  ...['--final-calibration-samples', '64', '--final-finetune-samples', '64', '--final-validation-samples', '100'],
];

describe('bitwright without a search', () => {
  it('lists the hardware for programs', async () => {
    const { code, stdout } = await run('hardware', 'list', '--json');
    expect(code).toBe(0);
    const { hardware } = JSON.parse(stdout) as { hardware: { name: string }[] };
    expect(hardware.map(({ name }) => name)).toEqual(expect.arrayContaining(['bismo-edge', 'bismo-cloud']));
  }, 300_000);

  it('tabulates MobileNetV2 on bismo-cloud as published: 189.82 ms at 8 bit', async () => {
    const target = ['--network', 'mobilenet-v2', '--hardware', 'bismo-cloud'];
    const { code, stdout } = await run('hardware', 'tabulate', ...target);
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toBe('index,name,kind,weight_bits,activation_bits,latency_ms,energy_mj,traffic_bytes,bound');
    expect(rows).toHaveLength(53 * 64);
    const counted = rows
      .map((row) => row.split(','))
      .filter(([index, , , weights, activations]) => {
        return weights === '8' && activations === '8' && index !== '0' && index !== '52';
      });
    expect(counted.reduce((sum, cells) => sum + Number(cells[5]), 0)).toBeCloseTo(189.82, 2);
  }, 300_000);

  it('compares two targets: depthwise layers take 81 % of the time on the edge and 49 % in the cloud', async () => {
    const page = join(temporary.path, 'compare.html');
    const asked = ['bismo-edge', 'bismo-cloud', '--network', 'mobilenet-v2', '--out', page];
    const { code, stdout } = await run('hardware', 'compare', ...asked);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bismo-edge and bismo-cloud put 500 random policies in a similar order/);
    expect(stdout).toMatch(/depthwise +17 +81\.0 % +0\.2946 +11\.70 +49\.4 % +0\.2913 +11\.69/);
    const html = await readFile(page, 'utf8');
    expect(html.match(/<svg/g)).toHaveLength(3);
    expect(html).toContain('<h2>Roofline of bismo-cloud</h2>');
  }, 300_000);

  it('tabulates an accelerator that a profile file describes, and names what is wrong in one, with exit code 2', async () => {
    const profile = join(temporary.path, 'mine.yaml');
    const peak = '{ weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 }';
    const text = `model: roofline\nname: mine\ndramGigabytesPerSecond: 10\npeaks: [${peak}]\n`;
    const target = [...NETWORK, '--hardware', 'mine', '--hardware-profile', profile];
    await writeFile(profile, text);
    const { code, stdout } = await run('hardware', 'tabulate', ...target);
    expect({ code, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, lines: 1 + 28 });
    await writeFile(profile, text.replace('10', '-10'));
    const refused = await run('hardware', 'tabulate', ...target);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/mine\.yaml: dramGigabytesPerSecond is -10; use a number from/);
  }, 300_000);

  it('ships a table: what a simulator answers, without it', async () => {
    const file = (name: string) => join(temporary.path, name);
    const tabulate = (hardware: string, ...more: string[]) =>
      run('hardware', 'tabulate', ...NETWORK, '--hardware', hardware, ...more);
    const simulated = await tabulate('bismo-edge');
    for (const name of ['board.json', 'board.npy', 'board.csv']) {
      const out = ['--out', file(name), '--columns', 'all'];
      expect(await tabulate('bismo-edge', ...out)).toMatchObject({ code: 0, stdout: '' });
    }
    const fromCsv = await tabulate('spread', '--hardware-table', `spread=${file('board.csv')}`);
    expect(fromCsv).toEqual({ ...simulated, stderr: '' });
    const array = ['--batch', '1', '--count', 'without-first-and-last', '--out', file('from-array.csv')];
    expect((await run('hardware', 'convert', file('board.npy'), ...NETWORK, ...array)).code).toBe(0);
    const tables = ['--hardware-table', file('board.json'), '--hardware-table', `array=${file('from-array.csv')}`];
    expect(await tabulate('board', ...tables)).toEqual({ ...simulated, stderr: '' });
    const latencies = (csv: string) => csv.split('\n').map((line) => line.split(',').slice(0, 6).join());
    expect(latencies((await tabulate('array', ...tables)).stdout)).toEqual(latencies(simulated.stdout));
    const other = await run('hardware', 'tabulate', '--network', 'resnet-20', '--hardware', 'board', ...tables);
    expect(other).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^layer 0 .*: board has no cost of/),
    });
  }, 300_000);

  it('says that there is no such network and which there are, with exit code 4', async () => {
    const { code, stderr } = await run('hardware', 'tabulate', '--network', 'mobilenet-v9', '--hardware', 'bismo-edge');
    expect(stderr.trim()).toBe(
      'there is no network "mobilenet-v9" in the zoo; it has mobilenet-v1, mobilenet-v2, resnet-18, resnet-20',
    );
    expect(code).toBe(4);
  }, 300_000);
});

describe('bitwright search', () => {
  it('leaves a policy, a report and a model, and shows what it found', async () => {
    const out = join(temporary.path, 'run');
    const { code, stdout, stderr } = await run(
      ...search(...EFFORT, '--budget', 'latency<=0.6x', '--strategy', 'random', '--trials', '2', '--out', out),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('searching') });
    for (const text of ['uniform 8 bit', 'Bits of each layer', 'Pareto front', 'model.onnx'])
      expect(stdout).toContain(text);
    const files = ['model.integers.onnx', 'model.onnx', 'policy.json', 'report.html', 'report.json'];
    expect((await readdir(out)).sort()).toEqual(files);
    await checkFiles(out);
  }, 300_000);

  it('searches on a table as on the hardware that it was taken from', async () => {
    const board = join(temporary.path, 'search-board.csv');
    const written = await run(
      'hardware',
      'tabulate',
      ...NETWORK,
      '--hardware',
      'bismo-edge',
      '--out',
      board,
      '--columns',
      'all',
    );
    expect(written.code).toBe(0);
    const on = (...hardware: string[]) => [
      ...['search', ...NETWORK, '--dataset', images, ...hardware, ...EFFORT, '--budget', 'latency<=0.6x'],
      ...['--strategy', 'random', '--trials', '1', '--json', '--out', join(temporary.path, 'table-run')],
    ];
    const fromTable = await run(...on('--hardware', 'board', '--hardware-table', `board=${board}`));
    const simulated = await run(...on('--hardware', 'bismo-edge'));
    const [table, simulator] = [fromTable, simulated].map(
      ({ stdout }) => (JSON.parse(stdout) as { report: Report }).report,
    );
    expect(table?.provenance.hardware).toMatchObject({ name: 'board', provenance: 'table', batch: 1 });
    expect(table?.constraints).toEqual(simulator?.constraints);
    expect(table?.layers).toEqual(simulator?.layers);
  }, 300_000);

  it('refuses a budget that nothing can meet with the smallest reachable value, exit code 3', async () => {
    const { code, stderr, stdout } = await run(...search('--budget', 'latency<=0.01x', '--json'));
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /--budget: latency<=0.01x .* cannot be reached: the smallest reachable latency is [0-9.]+ ms \([0-9.]+x of 8 bit\)/,
    );
    expect(JSON.parse(stdout)).toMatchObject({ error: { reason: 'BUDGET_INFEASIBLE' } });
  }, 90_000);

  it('refuses images that the network does not take before there is a search, also for realize, exit code 2', async () => {
    const shape = { count: 120, height: 20, width: 20, classes: 10 };
    const wrong = ['--dataset', await writeIdxFolder(join(temporary.path, 'wrong'), blankSamples(shape))];
    const refused = {
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^--dataset: .* 20 x 20 x 1.* takes 28 x 28 x 1/m),
    };
    expect(await run(...search(...wrong))).toMatchObject(refused);
    expect(await run('realize', ...NETWORK, ...wrong, '--hardware', 'bismo-edge')).toMatchObject(refused);
    expect((await run('list')).stdout).not.toContain('failed');
  }, 300_000);

  it('keeps the best so far at Ctrl-C, and others can look on meanwhile', async () => {
    const out = join(temporary.path, 'interrupted');
    const limits = ['--budget', 'latency<=0.6x', '--trials', '500', '--strategy', 'random'];
    const running = startBitwright(home, search(...EFFORT, ...limits, '--out', out, '--json'));
    await waitUntil('a trial', () => running.stderr().includes('"role":"strategy"'), 120_000);

    const other = await run('list');
    expect(other.code).toBe(5);
    const address = /--address (127\.0\.0\.1:\d+)/.exec(other.stderr)?.[1] ?? '';
    const { searches } = JSON.parse((await run('list', '--address', address, '--json')).stdout) as {
      searches: { id: string; state: string }[];
    };
    expect(searches[0]?.state).toBe('running');

    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`bitwright resume ${searches[0]?.id}`);
    const { report } = JSON.parse(stdout) as { report: Report };
    expect(report).toMatchObject({ schema: REPORT_SCHEMA, state: 'cancelled', result: { feasible: true } });
    expect((await readdir(out)).sort()).toEqual(['policy.json', 'report.html', 'report.json']);
  }, 240_000);
});

/** The files agree with each other, and have what docs/report.md promises. */
async function checkFiles(folder: string): Promise<void> {
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
  const policy = JSON.parse(await readFile(join(folder, 'policy.json'), 'utf8')) as {
    schema: string;
    layers: object[];
  };
  const model = await readFile(join(folder, 'model.onnx'));
  const integers = await readFile(join(folder, 'model.integers.onnx'));
  expect(policy.schema).toBe(POLICY_SCHEMA);
  expect(policy.layers).toHaveLength(report.layers.length);
  expect(report.exported).toMatchObject({ onnxDigest: sha256Hex(model), bytes: model.length });
  expect(report.exported?.integers).toMatchObject({ onnxDigest: sha256Hex(integers), bytes: integers.length });
  expect(report).toMatchObject({ schema: REPORT_SCHEMA, state: 'completed', exported: { parity: expect.any(Number) } });
  const { strategy, testAccuracy, latencyMs, energyMj, sizeBytes, effectiveBits } = report.result;
  expect(strategy).toMatch(/^(random|uniform-\d)$/);
  expect([testAccuracy, latencyMs, energyMj, sizeBytes, effectiveBits].every((value) => (value ?? 0) > 0)).toBe(true);
  expect(report.baselines.map((entry) => entry.strategy)).toEqual(
    expect.arrayContaining(['float', 'uniform-8', 'uniform-6', 'uniform-4']),
  );
  expect(report.constraints[0]?.reached).toBeLessThanOrEqual(report.constraints[0]?.limit ?? 0);
  expect(report.provenance).toMatchObject({
    seed: 1,
    preprocess: { imageSize: 32, padding: 2, mean: [expect.any(Number)], std: [expect.any(Number)] },
  });
}
