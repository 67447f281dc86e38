import { readFileSync } from 'node:fs';
import { ACCELERATORS } from '@bitwright/accelerators';
import { describe, expect, it } from 'vitest';
import { markdownTable } from './markdown-table.js';
import { costTable, shareTable } from './systolic-tables.js';
import { UNIFORM_HEADER, uniformCells, uniformCosts } from './uniform-costs.js';

const page = (name: string) =>
  readFileSync(new URL(`../../docs/hardware/${name}.md`, import.meta.url), 'utf8').split('\n');

/** Changes of these numbers are changes of results: see CONTRIBUTING.md. */
describe('the accelerators that nobody has validated', () => {
  it('have the costs that their page shows: systolic arrays', async () => {
    expect(page('systolic')).toEqual(expect.arrayContaining([...(await costTable())]));
  });

  it('have the shares of energy and time that their page shows: systolic arrays', () => {
    expect(page('systolic')).toEqual(expect.arrayContaining([...shareTable()]));
  });

  it('have the costs that their page shows: roofline', async () => {
    const table = markdownTable(UNIFORM_HEADER, (await uniformCosts('roofline')).map(uniformCells));
    expect(page('roofline')).toEqual(expect.arrayContaining([...table]));
  });

  it('publish no validation, and say that there is none', () => {
    const unvalidated = ACCELERATORS.map(({ capabilities }) => capabilities).filter(
      ({ name }) => !/^(bismo-.*|bitfusion)$/.test(name),
    );
    expect(unvalidated.map(({ name }) => name)).toEqual([
      'npu-int8-int4',
      'microcontroller',
      'tpu-128x128',
      'roofline',
    ]);
    for (const { validation, description } of unvalidated) {
      expect(validation).toEqual([]);
      expect(description).toMatch(/not validated$/);
    }
  });
});
