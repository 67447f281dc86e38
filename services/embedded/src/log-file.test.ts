import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogFile } from './log-file.js';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => folder.remove());

const read = (name: string) => readFile(join(folder.path, name), 'utf8');
const numbersIn = (text: string) => [...text.matchAll(/"line":(\d+)/g)].map(([, number]) => Number(number));

describe('a log file', () => {
  it('is put aside when it has grown too large, while it is written', async () => {
    const log = await openLogFile(folder.path, 1_000);
    const logger = log.logger('agent');
    for (let line = 0; line < 100; line += 1) {
      logger.info({ line });
      await nextTurn();
    }
    await log.close();
    const [now, before] = [await read('bitwright.log'), await read('bitwright.log.1')];
    for (const text of [now, before]) expect(text.length).toBeLessThan(1_200);
    const last = [...numbersIn(before), ...numbersIn(now)];
    expect(last).toEqual(Array.from(last, (_, index) => 100 - last.length + index));
  });

  it('that was left too large is put aside at the first line', async () => {
    await writeFile(join(folder.path, 'bitwright.log'), 'x'.repeat(2_000));
    const log = await openLogFile(folder.path, 1_000);
    log.logger('agent').info('a beginning');
    await log.close();
    expect(await read('bitwright.log')).toContain('a beginning');
    expect(await read('bitwright.log.1')).toBe('x'.repeat(2_000));
  });
});
