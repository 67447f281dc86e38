import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBitwright } from './run-bitwright.js';
import { writeSmallFashionMnist } from './write-idx.js';

const DOCS = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));
const NETWORK = ['--network', 'mobilenet-v1', '--width', '0.25', '--image-size', '32', '--classes', '10'];

let temporary: TemporaryFolder;
let rows: readonly string[];
let images: string[];

beforeAll(async () => {
  temporary = await makeTemporaryFolder('bitwright-json-');
  const docs = await readFile(DOCS, 'utf8');
  rows = docs.slice(docs.indexOf('| command | keys of its document')).split('\n');
  images = ['--dataset', await writeSmallFashionMnist(join(temporary.path, 'images'))];
});
afterAll(() => temporary.remove());

/** The document of a command, which must have no key that docs/cli.md does not name; standard error has objects alone. */
async function documentOf(verb: string, ...argv: readonly string[]) {
  const { code, stdout, stderr } = await runBitwright(
    join(temporary.path, 'home'),
    ...verb.split(' '),
    ...argv,
    '--json',
  );
  expect({ verb, code, stderr: code === 0 ? '' : stderr }).toEqual({ verb, code: 0, stderr: '' });
  for (const line of stderr.split('\n').filter((text) => text !== '')) expect(JSON.parse(line)).toBeTypeOf('object');
  const document = JSON.parse(stdout) as Record<string, unknown>;
  const row = rows.find((line) => line.split(' | ')[0]?.includes(`\`${verb}\``)) ?? '';
  const keys = [...row.matchAll(/`(\w+)`/g)].map(([, key]) => key);
  expect({ verb, strange: Object.keys(document).filter((key) => !keys.includes(key)) }).toEqual({ verb, strange: [] });
  return document;
}

describe('documents of --json have the keys that docs/cli.md names', () => {
  it('search, and what is asked of one', async () => {
    const search = (await documentOf(
      'search',
      ...[...NETWORK, ...images, '--hardware', 'bismo-edge', '--budget', 'latency<=0.6x', '--strategy', 'ompq'],
      ...['--trials', '1', '--finalists', '1', '--calibration-samples', '64', '--finetune-samples', '0'],
      ...['--validation-samples', '64', '--final-finetune-samples', '0', '--final-validation-samples', '64'],
      ...['--out', join(temporary.path, 'run')],
    )) as { searchId: string };
    const { searchId } = search;
    for (const verb of ['list', 'strategies', 'models', 'datasets']) await documentOf(verb);
    for (const verb of ['show', 'cancel', 'report']) await documentOf(verb, searchId);
    await documentOf('resolve', searchId, '--budget', 'latency<=0.5x');
    await documentOf('export', searchId, '--out', join(temporary.path, 'exported'));
    await documentOf('delete', searchId);
  }, 600_000);

  it('work without a search', async () => {
    await documentOf('realize', ...NETWORK, ...images, '--search', 'default', '--calibration-samples', '32');
    await documentOf('learn', ...NETWORK, ...images, '--samples', '64', '--epochs', '1');
  }, 600_000);

  it('hardware', async () => {
    await documentOf('hardware list');
    await documentOf('hardware show', 'bismo-edge');
    for (const verb of ['hardware tabulate', 'hardware explain'])
      await documentOf(verb, ...NETWORK, '--hardware', 'bismo-edge');
    await documentOf('hardware compare', 'bismo-edge', 'bismo-cloud', ...NETWORK);
    const table = join(temporary.path, 'board.csv');
    await documentOf('hardware tabulate', ...NETWORK, '--hardware', 'bismo-edge', '--out', table, '--columns', 'all');
    await documentOf('hardware convert', table, '--out', join(temporary.path, 'board.json'));
  }, 600_000);
});
