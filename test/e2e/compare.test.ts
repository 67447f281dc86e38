import { readFile } from 'node:fs/promises';
import type { PolicyAnswer, StrategyComparison } from '@bitwright/core';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBitwright } from './run-bitwright.js';
import { writeSmallFashionMnist } from './write-idx.js';

let temporary: TemporaryFolder;
let images: string;

beforeAll(async () => {
  temporary = await makeTemporaryFolder('bitwright-compare-');
  images = await writeSmallFashionMnist(`${temporary.path}/images`);
});
afterAll(() => temporary.remove());

const compare = (...more: string[]) =>
  runBitwright(
    `${temporary.path}/home`,
    ...['compare', '--network', 'mobilenet-v1', '--width', '0.25', '--image-size', '32', '--classes', '10'],
    ...['--dataset', images, '--hardware', 'bismo-edge', '--budget', 'latency<=0.5x', '--trials', '1'],
    ...['--finalists', '1', '--calibration-samples', '64', '--finetune-samples', '0', '--validation-samples', '64'],
    ...['--final-finetune-samples', '0', '--final-validation-samples', '64', '--out', `${temporary.path}/out`],
    ...more,
  );

describe('strategies compared on the command line', () => {
  it('search once with each seed, and stand beside the controls on a page', async () => {
    const { code, stdout, stderr } = await compare('--strategies', 'ompq,uniform', '--seeds', '1,2', '--json');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { comparison, failures } = JSON.parse(stdout) as { comparison: StrategyComparison; failures: unknown[] };
    expect(failures).toEqual([]);
    expect(comparison.strategies.map(({ strategy }) => strategy).sort()).toEqual(['ompq', 'uniform']);
    for (const { runs } of comparison.strategies) {
      expect(runs.map(({ seed, evaluations }) => [seed, evaluations])).toEqual([
        [1, 1],
        [2, 1],
      ]);
    }
    expect(comparison.relativeLimit).toBeCloseTo(0.5, 9);
    expect(comparison.controls.map(({ control }) => control)).toContain('uniform-4');
    const page = await readFile(`${temporary.path}/out/comparison.html`, 'utf8');
    expect(page).toMatch(/<h1>Strategies for mobilenet-v1 .* on bismo-edge, latency&#60;=0.5x<\/h1>/);
    expect(page.match(/<svg/g)).toHaveLength(2);
  }, 300_000);

  it('are not searched again by the same command; a further strategy is', async () => {
    const again = await compare('--strategies', 'ompq,uniform,random', '--seeds', '1,2');
    expect(again.code).toBe(0);
    expect(again.stderr.match(/^search \d of 6: /gm)).toHaveLength(6);
    expect(again.stderr.match(/^completed /gm)).toHaveLength(2);
    expect(again.stdout).toMatch(/reaches \d+\.\d\d % in the mean/);
    expect(again.stdout).toMatch(/uniform-8 \(over the budget\)/);
  }, 300_000);

  it('are refused with the fix: strategies and seeds that are none, options of others', async () => {
    const unknown = await compare('--strategies', 'ompq,magic', '--seeds', '3');
    expect(unknown).toMatchObject({ code: 4, stderr: expect.stringContaining('there is no strategy "magic"') });
    expect(unknown.stderr).not.toContain('search 1');
    const seeds = await compare('--seeds', '1,1');
    expect(seeds).toMatchObject({ code: 2, stderr: expect.stringContaining('--seeds is "1,1"; write up to 20') });
    const stray = await compare('--strategies', 'ompq', '--strategy-option', 'haq.noise=1');
    expect(stray).toMatchObject({ code: 2, stderr: expect.stringContaining('compared are ompq') });
  }, 300_000);
});

describe('a policy for another budget', () => {
  const resolved = (...more: string[]) => runBitwright(`${temporary.path}/home`, 'resolve', ...more);

  it('comes from what a search has measured, with its prices, and can be explained', async () => {
    const text = await readFile(`${temporary.path}/out/comparison.json`, 'utf8');
    const { strategies } = JSON.parse(text) as StrategyComparison;
    const runOf = (name: string) => strategies.find(({ strategy }) => strategy === name)?.runs[0]?.searchId;
    const id = runOf('ompq') ?? '';
    const out = `${temporary.path}/policy.json`;
    const budget = ['--budget', 'latency<=0.4x', '--budget', 'size<=0.7x'];
    const { code, stdout } = await resolved(id, ...budget, '--out', out, '--json');
    expect(code).toBe(0);
    const { limits, cost } = JSON.parse(stdout) as PolicyAnswer;
    expect(limits.map(({ budget: asked }) => asked)).toEqual(['latency<=0.4x', 'size<=0.7x']);
    for (const { limit, reached } of limits) expect(reached).toBeLessThanOrEqual(limit);
    const explained = await runBitwright(
      `${temporary.path}/home`,
      ...[
        'hardware',
        'explain',
        '--hardware',
        'bismo-edge',
        '--network',
        'mobilenet-v1',
        '--width',
        '0.25',
        '--image-size',
        '32',
      ],
      ...['--classes', '10', '--policy', out, '--json'],
    );
    expect(explained.code).toBe(0);
    type Explained = { layers: { share: number; cost: { latencyMs: number } }[] };
    const counted = (JSON.parse(explained.stdout) as Explained).layers.filter(({ share }) => share > 0);
    const latencyMs = counted.reduce((sum, layer) => sum + layer.cost.latencyMs, 0);
    expect(latencyMs).toBeCloseTo(cost.latencyMs as number, 9);
    const tried = await resolved(runOf('uniform') ?? '', ...budget);
    expect(tried).toMatchObject({ code: 1, stderr: expect.stringContaining('finds policies by trying them') });
    const without = await resolved(id);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('--budget is missing') });
  }, 300_000);
});
