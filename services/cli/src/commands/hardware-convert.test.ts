import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTable, TABLE_SCHEMA } from '@bitwright/cost-tables';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.js';
import { fakeSurroundings } from '../surroundings.test-support.js';

const CSV = [
  'kind,weight_bits,activation_bits,latency_ms,batch,in_channels,out_channels,kernel_height,kernel_width,stride,groups,input_height,input_width,output_height,output_width',
  'fully-connected,4,8,0.25,1,64,10,1,1,1,1,1,1,1,1',
  'fully-connected,8,8,0.5,1,64,10,1,1,1,1,1,1,1,1',
].join('\n');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-convert-'));
  await writeFile(join(folder, 'board.csv'), CSV);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function convert(...argv: string[]) {
  const { surroundings, stdout, stderr } = fakeSurroundings({ folder });
  return { code: await runCli(['hardware', 'convert', ...argv], surroundings), stdout: stdout(), stderr: stderr() };
}

describe('bitwright hardware convert', () => {
  it('makes one format of another, seen from the folder, and says what is in it', async () => {
    const { code, stdout, stderr } = await convert('board.csv', '--out', 'made/board.json');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toBe('made/board.json: 1 layer, weights 4, 8 bit, activations 8 bit, batch 1\n');
    const made = await readFile(join(folder, 'made/board.json'));
    expect(JSON.parse(made.toString())).toMatchObject({ schema: TABLE_SCHEMA, counted: 'all' });
    expect(parseTable(made, 'board.json')).toEqual(parseTable(Buffer.from(CSV), 'board.csv'));
  });

  it('prints CSV, and nothing of a table that is broken', async () => {
    const printed = await convert('board.csv', '--out', '-');
    expect(printed.code).toBe(0);
    expect(parseTable(Buffer.from(printed.stdout), 'a.csv')).toEqual(parseTable(Buffer.from(CSV), 'board.csv'));
    await writeFile(join(folder, 'bad.csv'), CSV.replace('0.25', '-0.25').replace('0.5', 'nan'));
    const { code, stdout, stderr } = await convert('bad.csv', '--out', '-');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      [
        'bad.csv, line 2: latency_ms is -0.25; use a number, at least 0',
        'bad.csv, line 3: latency_ms is "nan"; use a number, at least 0',
        '',
      ].join('\n'),
    );
  });
});
