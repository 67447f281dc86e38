import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BitwrightError } from '@bitwright/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeConfig, readConfig } from './config.js';
import {
  addressField,
  choiceField,
  flagField,
  integerField,
  listField,
  numberField,
  optionalTextField,
  textField,
} from './config-fields.js';

const fields = {
  listen: addressField('where to listen', '127.0.0.1:7001'),
  drainMs: integerField('how long to drain, ms', { min: 0, max: 60_000 }, 10_000),
  ratio: numberField('a share', { min: 0, max: 1 }, 0.5),
  reflection: flagField('whether to describe itself', true),
  accelerators: listField('which to host', []),
  logLevel: choiceField('least severe line', ['info', 'warn'], 'info'),
  storeUrl: optionalTextField('where trials are kept'),
};

const read = (flags: string[] = [], environment: Record<string, string | undefined> = {}) =>
  readConfig(fields, { flags, environment });

function problemsOf(work: () => unknown): readonly { field: string; description: string }[] {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'CONFIG' });
    return (error as BitwrightError).violations;
  }
  return [];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bitwright-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeConfig(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('readConfig', () => {
  it('gives the defaults, frozen, when nothing is said', () => {
    const config = read();
    expect(config).toEqual({
      ...{ listen: '127.0.0.1:7001', drainMs: 10_000, ratio: 0.5, reflection: true },
      ...{ accelerators: [], logLevel: 'info', storeUrl: undefined },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes flags before the environment before the file before the default', () => {
    const file = writeConfig('run.yaml', 'drainMs: 1\nratio: 0.1\nlisten: "0.0.0.0:1"\n');
    const environment = { BITWRIGHT_CONFIG: file, BITWRIGHT_DRAIN_MS: '2', BITWRIGHT_RATIO: '0.2' };
    expect(read(['--drain-ms', '3'], environment)).toMatchObject({
      drainMs: 3,
      ratio: 0.2,
      listen: '0.0.0.0:1',
      logLevel: 'info',
    });
  });

  it('reads JSON files, also when a flag names them', () => {
    const file = writeConfig('run.json', JSON.stringify({ accelerators: ['a', 'b'], reflection: false }));
    expect(read([`--config=${file}`])).toMatchObject({ accelerators: ['a', 'b'], reflection: false });
  });

  it('reads lists by commas and by repetition, and flags that need no value', () => {
    expect(read(['--accelerators', 'a,b', '--accelerators=c', '--no-reflection'])).toMatchObject({
      accelerators: ['a', 'b', 'c'],
      reflection: false,
    });
    expect(read([], { BITWRIGHT_ACCELERATORS: 'a, b', BITWRIGHT_REFLECTION: 'no' })).toMatchObject({
      accelerators: ['a', 'b'],
      reflection: false,
    });
  });

  it('keeps an equals sign inside a value', () => {
    expect(read(['--store-url=postgres://host/db?sslmode=require']).storeUrl).toBe(
      'postgres://host/db?sslmode=require',
    );
  });

  it('takes a list that is given as empty for an empty one', () => {
    const fields = { peers: listField('who else', ['one']) };
    const peersOf = (...flags: string[]) => readConfig(fields, { flags, environment: {} }).peers;
    expect(peersOf()).toEqual(['one']);
    expect(peersOf('--peers=')).toEqual([]);
    expect(peersOf('--peers', '')).toEqual([]);
    expect(() => peersOf('--peers', 'two,,three')).toThrow('must not be empty');
  });

  it('takes an empty variable as not set, and leaves variables of others alone', () => {
    expect(read([], { BITWRIGHT_DRAIN_MS: '', BITWRIGHT_SOMETHING: 'x', HOME: '/' }).drainMs).toBe(10_000);
  });

  it('names every problem at once by where it came from', () => {
    const file = writeConfig('bad.yaml', 'ratio: 7\ncolour: red\n');
    const problems = problemsOf(() =>
      read(['--listen', 'nowhere', '--typo', '--drain-ms'], { BITWRIGHT_CONFIG: file, BITWRIGHT_LOG_LEVEL: 'loud' }),
    );
    expect(problems.map(({ field }) => field)).toEqual([
      '--typo',
      '--drain-ms',
      `${file}: colour`,
      '--listen',
      'key ratio of the configuration file',
      'BITWRIGHT_LOG_LEVEL',
    ]);
    expect(problems.find(({ field }) => field === 'BITWRIGHT_LOG_LEVEL')?.description).toContain(
      'use one of info, warn',
    );
    expect(problems.find(({ field }) => field === '--listen')?.description).toContain('host:port');
  });

  it('says how to give what is required', () => {
    const required = { storeUrl: textField('where trials are kept') };
    const problems = problemsOf(() => readConfig(required, { flags: [], environment: {} }));
    expect(problems[0]?.description).toContain('--store-url, BITWRIGHT_STORE_URL or storeUrl');
  });

  it('names a file that cannot be read or is not an object', () => {
    expect(problemsOf(() => read(['--config', join(folder, 'absent.yaml')]))[0]?.description).toContain(
      'cannot be read',
    );
    expect(problemsOf(() => read(['--config', writeConfig('list.yaml', '- 1\n')]))[0]?.description).toContain(
      'one object',
    );
    expect(problemsOf(() => read(['--config', writeConfig('broken.yaml', '{')]))[0]?.description).toContain(
      'cannot be read',
    );
  });

  it.each(['1.5', '-1', '60001', 'ten', ''])('refuses "%s" as an integer of the range', (value) => {
    expect(problemsOf(() => read([`--drain-ms=${value}`]))[0]).toMatchObject({ field: '--drain-ms' });
  });
});

it('describes each setting for --help', () => {
  const help = describeConfig(fields);
  expect(help).toMatch(/--drain-ms VALUE +how long to drain, ms \(default 10000\) \[BITWRIGHT_DRAIN_MS\]/);
  expect(help).toMatch(/--reflection +whether to describe itself/);
  expect(help).toContain('--config VALUE');
});
