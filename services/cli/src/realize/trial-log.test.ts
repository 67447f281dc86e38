import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stoppedText } from './stopped-text.js';
import { createTrialLog } from './trial-log.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-trial-log-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the log of trials', () => {
  it('has every line as soon as it is told, and once when it is told again', async () => {
    const path = join(folder, 'log.jsonl');
    const log = createTrialLog(path);
    log.add(['{"one":1}', '{"two":2}']);
    expect(await readFile(path, 'utf8')).toBe('{"one":1}\n{"two":2}\n');
    log.add(['{"one":1}', '{"two":2}', '{"three":3}']);
    expect(await readFile(path, 'utf8')).toBe('{"one":1}\n{"two":2}\n{"three":3}\n');
    expect(log.count()).toBe(3);
    log.close();
  });

  it('takes the place of an older one with its first line, not before', async () => {
    const path = join(folder, 'old.jsonl');
    await writeFile(path, 'old\n');
    const log = createTrialLog(path);
    log.add([]);
    expect(await readFile(path, 'utf8')).toBe('old\n');
    log.add(['new']);
    expect(await readFile(path, 'utf8')).toBe('new\n');
    log.close();
    const none = join(folder, 'none.jsonl');
    createTrialLog(none).close();
    await expect(stat(none)).rejects.toThrow('ENOENT');
  });

  it('says which flag names a file that cannot be written', () => {
    expect(() => createTrialLog(folder).add(['x'])).toThrow(/^--log: .* cannot be written/);
  });
});

describe('what a stopped realization says', () => {
  it.each([
    [{ log: 'a.jsonl' }, 12, /^Stopped; 12 trials are in a\.jsonl\.\n.* the same command with --replay a\.jsonl$/],
    [{ log: 'a.jsonl' }, 1, /1 trial is in/],
    [{ log: 'a.jsonl' }, 0, /before a trial was measured/],
    [{}, undefined, /nothing is kept\. With --log FILE/],
    [{ replay: 'a.jsonl', log: 'a.jsonl' }, 0, /replays the log again/],
  ] as const)('with %j and %s trials', (flags, trials, text) => {
    expect(stoppedText(flags, trials)).toMatch(text);
  });
});
