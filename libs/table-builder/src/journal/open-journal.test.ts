import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from './journal-line.js';
import { openJournal } from './open-journal.js';

let temporary: TemporaryFolder;
let path: string;
beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  path = join(temporary.path, 'new', 'board.partial');
});
afterEach(() => temporary.remove());

const SETTINGS = { runner: './measure.sh', batch: 1 };
const open = (settings: Readonly<Record<string, string | number>> = SETTINGS, restart = false) =>
  openJournal({ path, settings, restart, now: '2026-11-02T10:00:00.000Z' });

const entryOf = (weightBits: number): JournalEntry => ({
  ...{ shape: 'pointwise;1', weightBits, activationBits: 8 },
  answer: { outcome: 'measured', samplesMs: [0.1 * weightBits, 1 / 3], figures: { energyMj: 2 } },
});
const UNSUPPORTED: JournalEntry = {
  ...{ shape: 'depthwise;"ü"', weightBits: 2, activationBits: 32 },
  answer: { outcome: 'unsupported', reason: 'no kernel\nat all' },
};

async function write(...entries: readonly JournalEntry[]) {
  const journal = await open();
  await journal.append(entries);
  await journal.close();
}

async function entriesOf() {
  const journal = await open();
  await journal.close();
  return journal.entries;
}

describe('a journal', () => {
  it('has what was appended when it is opened again, and when it was begun', async () => {
    await write(entryOf(2), UNSUPPORTED);
    await write(entryOf(4));
    const journal = await openJournal({ path, settings: SETTINGS, restart: false, now: '2027-01-01T00:00:00.000Z' });
    await journal.close();
    expect(journal.entries).toEqual([entryOf(2), UNSUPPORTED, entryOf(4)]);
    expect(journal.startedAt).toBe('2026-11-02T10:00:00.000Z');
  });

  it('that was cut off anywhere has every whole line, and goes on behind them', async () => {
    await write(entryOf(2), UNSUPPORTED, entryOf(8));
    const whole = await readFile(path);
    const lineEnds = [...whole.keys()].filter((index) => whole[index] === 10);
    for (let length = whole.length; length >= 0; length -= 1) {
      await writeFile(path, whole);
      await truncate(path, length);
      const kept = lineEnds.filter((end) => end < length).length - 1;
      await write(entryOf(5));
      const all = [entryOf(2), UNSUPPORTED, entryOf(8)].slice(0, Math.max(0, kept));
      expect(await entriesOf()).toEqual([...all, entryOf(5)]);
    }
  });

  it('of other settings is refused, naming each, and stays as it is', async () => {
    await write(entryOf(2));
    const opening = open({ runner: './other.sh', batch: 1, format: 'onnx' });
    await expect(opening).rejects.toMatchObject({ kind: 'failed_precondition', reason: 'JOURNAL_SETTINGS' });
    await expect(opening).rejects.toThrow(
      'runner ./measure.sh there, ./other.sh now; format none there, onnx now); give the same settings',
    );
    expect(await entriesOf()).toEqual([entryOf(2)]);
  });

  it('of other settings that holds nothing is begun anew', async () => {
    await write();
    await (await open({ runner: './other.sh' })).close();
    await write(entryOf(2));
    expect(await entriesOf()).toEqual([entryOf(2)]);
  });

  it('begins anew when asked to', async () => {
    await write(entryOf(2));
    const journal = await open({ runner: './other.sh' }, true);
    await journal.append([entryOf(4)]);
    await journal.close();
    await expect(entriesOf()).rejects.toThrow('runner ./other.sh there');
  });

  it.each([
    [
      'of numbers that are none',
      '{"shape":"a","weightBits":8,"activationBits":8,"answer":{"outcome":"measured","samplesMs":[-1],"figures":{}}}',
    ],
    ['of another kind', '{"hello":1}'],
    ['that is no JSON', 'x'],
  ])('with a whole line %s is refused, naming the line', async (_, line) => {
    await write(entryOf(2));
    await appendFile(path, `${line}\n`);
    await expect(open()).rejects.toMatchObject({ kind: 'data_loss', message: expect.stringContaining('line 3') });
  });

  it('is not made of another file', async () => {
    await write();
    await writeFile(path, 'precious\nnotes\n');
    await expect(open()).rejects.toMatchObject({ kind: 'data_loss' });
    expect(await readFile(path, 'utf8')).toBe('precious\nnotes\n');
  });

  it('is for one process at a time', async () => {
    const journal = await open();
    await expect(open()).rejects.toMatchObject({
      reason: 'FOLDER_IN_USE',
      message: expect.stringContaining('builds this table; wait'),
    });
    await journal.close();
    expect(await entriesOf()).toEqual([]);
  });

  it('that cannot be written is refused with the path', async () => {
    path = '/dev/null/board.partial';
    await expect(open()).rejects.toMatchObject({
      kind: 'failed_precondition',
      message: expect.stringContaining('/dev/null'),
    });
  });
});
