import type { BitwrightError } from '@bitwright/core';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { createBitProductAccelerator, SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { formatTable, parseTable } from '../parse-table.js';
import { toLookupTable } from '../to-lookup-table.js';

const OLD_COLUMNS = 'index,name,kind,weight_bits,activation_bits,latency_ms,energy_mj,traffic_bytes,bound';
const SHAPE_COLUMNS =
  'in_channels,out_channels,kernel_height,kernel_width,stride,groups,input_height,input_width,output_height,output_width';
const HEAD = `kind,weight_bits,activation_bits,latency_ms,batch,${SHAPE_COLUMNS}`;
const FC = '64,10,1,1,1,1,1,1,1,1';

const parse = (...lines: string[]) => parseTable(Buffer.from(lines.join('\n')), 'board.csv');

function refusalOf(...lines: string[]): BitwrightError {
  try {
    parse(...lines);
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid_argument' });
    return error as BitwrightError;
  }
  throw new Error('the table was not refused');
}

describe('the CSV of a cost table', () => {
  it('starts with the columns that it always had, and gives each cell a line', async () => {
    const accelerator = createBitProductAccelerator();
    const table = await createLocalHardware(accelerator).tabulate(SAMPLE_LAYERS);
    const written = formatTable(toLookupTable(table, SAMPLE_LAYERS, accelerator.capabilities), 'csv');
    const [head, first, ...rest] = Buffer.from(written).toString().trimEnd().split('\n');
    expect(head?.startsWith(`${OLD_COLUMNS},batch,counted,${SHAPE_COLUMNS},`)).toBe(true);
    // 32 x 32 outputs of 32 channels over 3 x 3 x 3 inputs at 2 x 4 bits; energy, executed bits and spread are empty.
    const costs = `${(32 * 32 * 32 * 27 * 8) / 1e6}`;
    expect(first).toBe(
      `0,0-convolution,convolution,2,4,${costs},,6,compute,1,true,3,32,3,3,2,1,64,64,32,32,${costs},0,0,2,4,,`,
    );
    expect(rest).toHaveLength(SAMPLE_LAYERS.length * 6 - 1);
  });

  it('is read with the needed columns alone, in any order, with or without an index', () => {
    const table = parse(HEAD, `fully-connected,8,8,0.5,1,${FC}`, `fully-connected,4,8,2.5e-1,1,${FC}`);
    expect(table.layers).toHaveLength(1);
    expect(table.layers[0]).toMatchObject({
      name: '',
      inChannels: 64,
      cells: [{ latencyMs: 0.5 }, { latencyMs: 0.25 }],
    });
    expect(table.layers[0]?.cells[0]?.energyMj).toBeUndefined();
    const reversed = (line: string) => line.split(',').reverse().join(',');
    expect(parse(reversed(HEAD), reversed(`fully-connected,8,8,0.5,1,${FC}`)).layers[0]?.outChannels).toBe(10);
    const twins = ['0', '1'].map((index) => `${index},fully-connected,8,8,0.5,1,${FC}`);
    expect(parse(`index,${HEAD}`, ...twins).layers).toHaveLength(2);
  });

  it('is read from spreadsheets: with a byte order mark, CRLF and blanks around numbers', () => {
    const lines = [`\uFEFF${HEAD}`, `fully-connected, 8 ,8, 0.5,1,${FC}`, ''];
    expect(parseTable(Buffer.from(lines.join('\r\n')), 'board.csv').layers[0]?.cells[0]?.latencyMs).toBe(0.5);
  });

  it('keeps which layers count, batch by batch', () => {
    const rows = (batch: number) =>
      [false, true, false].map(
        (counted, index) => `${index},${counted},fully-connected,8,8,${batch},${batch},${index + 1},10,1,1,1,1,1,1,1,1`,
      );
    const columns = `index,counted,${HEAD}`;
    expect(parse(columns, ...rows(1), ...rows(2)).counted).toBe('without-first-and-last');
    expect(parse(columns, ...rows(1), ...rows(2)).layers).toHaveLength(6);
    expect(parse(columns, ...rows(1).map((line) => line.replace('false', 'true'))).counted).toBe('all');
    expect(refusalOf(columns, ...rows(1).slice(0, 2)).message).toMatch(
      /^board\.csv: counted: is neither true for every/,
    );
    const others = rows(2).map((line) => line.replace('false', 'true'));
    expect(refusalOf(columns, ...rows(1), ...others).message).toContain('counted: is not the same for every batch');
  });

  it.each<[string, string[], string]>([
    ['no bytes', [], 'board.csv: has no line after its header'],
    ['no lines', [HEAD], 'board.csv: has no line after its header'],
    [
      'the columns of earlier versions alone',
      [OLD_COLUMNS, '0,fc,fully-connected,8,8,1,,,'],
      `lacks the columns batch, ${SHAPE_COLUMNS.replaceAll(',', ', ')}`,
    ],
    [
      'an unknown column',
      [`${HEAD},latency_us`, `fully-connected,8,8,0.5,1,${FC},1`],
      'has unknown columns latency_us; the columns are index, name',
    ],
    ['a column twice', [`${HEAD},batch`, `fully-connected,8,8,0.5,1,${FC},1`], 'has the column "batch" twice'],
    ['a line that is too short', [HEAD, 'fully-connected,8,8,0.5'], 'board.csv: is no CSV: Invalid Record Length'],
    ['a line without end', [','.repeat(100_001)], 'board.csv: is no CSV: a line has more than 100000 characters'],
    ['an open quote', [HEAD, `"fully-connected,8,8,0.5,1,${FC}`], 'board.csv: is no CSV: Quote Not Closed'],
    [
      'NaN',
      [HEAD, `fully-connected,8,8,nan,1,${FC}`],
      'board.csv, line 2: latency_ms: is "nan"; use a number, at least 0',
    ],
    [
      'a negative latency',
      [HEAD, `fully-connected,4,8,1,1,${FC}`, `fully-connected,8,8,-1,1,${FC}`],
      'board.csv, line 3: latency_ms: is -1',
    ],
    ['an infinite latency', [HEAD, `fully-connected,8,8,inf,1,${FC}`], 'latency_ms: is "inf"'],
    ['a latency too large for a number', [HEAD, `fully-connected,8,8,1e400,1,${FC}`], 'latency_ms: is Infinity'],
    ['no latency', [HEAD, `fully-connected,8,8,,1,${FC}`], 'board.csv, line 2: latency_ms: is missing'],
    ['hexadecimal bits', [HEAD, `fully-connected,0x8,8,1,1,${FC}`], 'board.csv, line 2: weight_bits: is "0x8"'],
    ['a zero batch', [HEAD, `fully-connected,8,8,1,0,${FC}`], 'board.csv, line 2: batch: is 0; use an integer from 1'],
    ['an unknown kind', [HEAD, `dense,8,8,1,1,${FC}`], 'board.csv, line 2: kind: is "dense"; use convolution'],
    [
      'a word for a truth',
      [`counted,${HEAD}`, `yes,fully-connected,8,8,1,1,${FC}`],
      'line 2: counted: is "yes"; use true or false',
    ],
    [
      'two layers of one index',
      [`index,${HEAD}`, `0,fully-connected,8,8,1,1,${FC}`, `0,fully-connected,4,8,1,1,${FC.replace('64', '65')}`],
      'board.csv, line 3: index: is 0, but line 2 of that index is another layer',
    ],
    [
      'a pair of bits twice',
      [HEAD, `fully-connected,8,8,1,1,${FC}`, `fully-connected,8,8,1,1,${FC}`],
      'has two costs at 8/8 bits',
    ],
  ])('is refused with %s, naming where', (_, lines, message) => {
    expect(refusalOf(...lines).message).toContain(message);
  });

  it('names every line that is wrong at once, the first of many', () => {
    const bad = Array.from({ length: 40 }, (_, index) => `fully-connected,8,8,-${index + 1},1,${FC}`);
    const { violations } = refusalOf(HEAD, ...bad);
    expect(violations.slice(0, 2).map(({ field }) => field)).toEqual([
      'board.csv, line 2: latency_ms',
      'board.csv, line 3: latency_ms',
    ]);
    expect(violations).toHaveLength(21);
  });
});
