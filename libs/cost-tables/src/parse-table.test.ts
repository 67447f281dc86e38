import { readFileSync } from 'node:fs';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { createBitProductAccelerator, SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { CSV_COLUMNS } from './formats/csv.js';
import { TABLE_LIMITS } from './limits.js';
import { formatTable, parseTable, tableFormatOf } from './parse-table.js';
import { toLookupTable } from './to-lookup-table.js';

const accelerator = createBitProductAccelerator({ defaultCounted: 'without-first-and-last' });
const costs = await createLocalHardware(accelerator).tabulate(SAMPLE_LAYERS, { batch: 2 });
const table = toLookupTable(costs, SAMPLE_LAYERS, accelerator.capabilities);

describe('a table of what a target answered', () => {
  it('holds every cell with its layer, and who answered', () => {
    const { name, version, description } = accelerator.capabilities;
    expect(table.source).toEqual({ hardware: name, version, description, provenance: 'simulated' });
    expect(table.counted).toBe('without-first-and-last');
    expect(table.layers.map((layer) => layer.name)).toEqual(SAMPLE_LAYERS.map((layer) => layer.name));
    table.layers.forEach(({ batch, cells }, layer) => {
      expect(batch).toBe(2);
      expect(cells.map(({ latencyMs }) => latencyMs)).toEqual(
        costs.cells[layer]?.flat().map((cell) => cell?.latencyMs),
      );
    });
  });

  it('leaves out layers that the target could not run, and pairs that a layer lacks', () => {
    const isThere = (layer: number, weight: number) => layer !== 1 && (layer !== 2 || weight === 0);
    const cells = costs.cells.map((rows, layer) =>
      rows.map((row, weight) => row.map((cell) => (isThere(layer, weight) ? cell : undefined))),
    );
    const partial = toLookupTable({ ...costs, cells }, SAMPLE_LAYERS, accelerator.capabilities);
    expect(partial.layers).toHaveLength(SAMPLE_LAYERS.length - 1);
    expect(partial.layers[1]?.cells).toHaveLength(2);
    expect(parseTable(formatTable(partial, 'json'), 'board.json').layers).toEqual(partial.layers);
  });

  it.each(['json', 'csv'] as const)('is read back from %s', (format) => {
    const read = parseTable(formatTable(table, format), `board.${format}`);
    expect(read.layers).toEqual(table.layers);
    expect(read.counted).toBe(table.counted);
  });

  it('is refused for layers of another network, and for flags that a table has no word for', () => {
    const refused = expect.objectContaining({ kind: 'invalid_argument' });
    expect(() => toLookupTable(costs, SAMPLE_LAYERS.slice(1), accelerator.capabilities)).toThrow(refused);
    const counted = costs.counted.map((_, index) => index === 2);
    expect(() => toLookupTable({ ...costs, counted }, SAMPLE_LAYERS, accelerator.capabilities)).toThrow(refused);
  });
});

describe('the file of a table', () => {
  it('has its format by its extension', () => {
    expect(['a.json', 'b.CSV', '/c.d/e.npy'].map(tableFormatOf)).toEqual(['json', 'csv', 'npy']);
    for (const file of ['table', 'table.txt', 'json', '/a.json/b', ''])
      expect(() => tableFormatOf(file)).toThrow('use .json, .csv, .npy');
  });

  it('is refused when it needs more than its bytes, and how to give it is said', () => {
    const bytes = formatTable(table, 'npy');
    expect(() => parseTable(bytes, 'haq.npy')).toThrow('haq.npy: says nothing of its layers; make a table of it with');
  });

  it('is refused when it is larger than any table, and when it is no text', () => {
    const limit = TABLE_LIMITS.fileBytes;
    const tooLarge = new Uint8Array(limit + 1);
    expect(() => parseTable(tooLarge, 'a.json')).toThrow(`a.json: has ${limit + 1} bytes; the limit is ${limit}`);
    expect(() => parseTable(tooLarge.subarray(1), 'a.json')).toThrow('a.json: is no JSON');
    expect(() => parseTable(Uint8Array.of(0xff, 0xfe), 'a.csv')).toThrow('a.csv: is no UTF-8 text');
  });
});

describe('the page about cost tables', () => {
  const page = readFileSync(new URL('../../../docs/hardware/table.md', import.meta.url), 'utf8');

  it.each(['json', 'csv'] as const)('has an example of %s that can be read', (language) => {
    const [, example = ''] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page) ?? [];
    const read = parseTable(Buffer.from(example), `example.${language}`);
    expect(read.layers[0]?.cells).toHaveLength(2);
  });

  it('lists the columns of CSV as they are written', () => {
    expect(page.replaceAll(/\n +/g, '')).toContain(CSV_COLUMNS.join(','));
  });
});
