import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTable } from '@bitwright/cost-tables';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBitwright } from './run-bitwright.js';

let temporary: TemporaryFolder;
beforeAll(async () => {
  temporary = await makeTemporaryFolder();
});
afterAll(() => temporary.remove());

const NETWORK = ['--network', 'resnet-20', '--width', '0.25', '--image-size', '32', '--classes', '10'];
const example = (name: string) => fileURLToPath(new URL(`../../docs/hardware/examples/${name}`, import.meta.url));

async function build(file: string, ...flags: string[]) {
  const path = join(temporary.path, file);
  const { code, stderr } = await runBitwright(
    join(temporary.path, 'home'),
    ...['hardware', 'build-table', ...NETWORK, '--repeats', '2', '--out', path, ...flags],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('22 layers') });
  const { layers } = parseTable(await readFile(path), path);
  return layers.map(({ cells }) => cells.map(({ weightBits, activationBits }) => `${weightBits}/${activationBits}`));
}

describe('the runners of the documents', () => {
  it('time layers in Python, and say what they cannot run', async () => {
    const runner = `python3 ${example('time_layer.py')}`;
    const cells = await build('python.json', '--runner', runner, '--weight-bits', '2,4,8');
    expect(cells.every((pairs) => pairs.join() === '4/8,8/8')).toBe(true);
  }, 120_000);

  it('time ONNX files in ONNX Runtime', async () => {
    const runner = `node ${example('run-onnx.mjs')}`;
    const cells = await build('onnx.json', '--runner', runner, '--layer-format', 'onnx');
    expect(cells.every((pairs) => pairs.join() === '8/8')).toBe(true);
  }, 120_000);
});
