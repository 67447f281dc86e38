import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from './run-file.js';
import { SEARCH_FLAGS } from './search-flags.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-run-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(content: string) {
  await writeFile(join(folder, 'run.yaml'), content);
  return readRunFile(SEARCH_FLAGS, 'run.yaml', folder);
}

describe('a run file', () => {
  it('has one key per flag, with lists and objects where a flag may be repeated', async () => {
    const flags = await read(`
      network: mobilenet-v2
      width: 0.35
      budget: ["latency<=0.6x", "size<=1MB"]
      weight-bits: [2, 4, 8]
      activation-bits: 4
      strategy-option: { noise: 0.5, mode: fast }
      seed: 3
      pin:
    `);
    expect(flags).toEqual({
      ...{ network: 'mobilenet-v2', width: 0.35, seed: 3, 'weight-bits': [2, 4, 8], 'activation-bits': [4] },
      budget: [
        { metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } },
        { metric: 'size', limit: { kind: 'absolute', value: 1_000_000 } },
      ],
      'strategy-option': [
        ['noise', 0.5],
        ['mode', 'fast'],
      ],
    });
  });

  it('may name several targets as a list or in one text, and settings of each', async () => {
    const listed = await read('hardware: [bismo-edge, bismo-cloud]\nbatch: { bismo-cloud: 8 }');
    expect(listed.hardware).toEqual(['bismo-edge', 'bismo-cloud']);
    expect(listed.batch).toEqual([{ target: 'bismo-cloud', value: 8 }]);
    expect((await read('hardware: bismo-edge,bismo-cloud\nbatch: 4')).hardware).toEqual(listed.hardware);
  });

  it('may hold a single budget as text', async () => {
    expect((await read('budget: energy<=0.5x')).budget).toHaveLength(1);
  });

  it.each<[string, RegExp]>([
    ['sed: 1', /sed in run.yaml: is not known; the keys are network, width/],
    ['seed: many', /seed in run.yaml: is "many"; use a whole number/],
    ['- 1', /--config: run.yaml must hold one object/],
    ['a: [', /--config: run.yaml is no YAML/],
  ])('with "%s" is refused', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it('that is not there is refused', async () => {
    await expect(readRunFile(SEARCH_FLAGS, 'none.yaml', folder)).rejects.toThrow(
      /--config: none.yaml cannot be read: there is no such file/,
    );
  });
});
