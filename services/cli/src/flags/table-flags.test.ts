import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../surroundings.test-support.js';
import { type RawFlags, readFlagValues } from './flag.js';
import { TABLE_FLAGS, withTables } from './table-flags.js';

function environmentOf(raw: RawFlags, environment: Record<string, string> = {}, address?: string) {
  const { surroundings } = fakeSurroundings({ environment, folder: '/runs' });
  return withTables(readFlagValues(TABLE_FLAGS, raw), address, surroundings).environment;
}

describe('cost tables on the command line', () => {
  it('go to the services inside the command, seen from the folder, beside those of the environment', () => {
    const raw = {
      'hardware-table': ['board.json', 'edge=a=b/table.csv', '/data/c.json'],
      'missing-costs': ['interpolate'],
    };
    expect(environmentOf(raw, { BITWRIGHT_TABLES: 'other.csv', HOME: '/home' })).toEqual({
      BITWRIGHT_TABLES: 'other.csv,/runs/board.json,edge=/runs/a=b/table.csv,/data/c.json',
      BITWRIGHT_MISSING_COSTS: 'interpolate',
      HOME: '/home',
    });
    expect(environmentOf({}, { BITWRIGHT_TABLES: 'x.csv' })).toEqual({ BITWRIGHT_TABLES: 'x.csv' });
  });

  it.each<[RawFlags, RegExp]>([
    [{ 'hardware-table': ['board.json'] }, /^--hardware-table: is for services inside this command; .* --tables/],
    [{ 'missing-costs': ['wider'] }, /^--missing-costs: is for services inside this command/],
  ])('%j are refused for services elsewhere', (raw, message) => {
    expect(() => environmentOf(raw, {}, '127.0.0.1:7001')).toThrow(message);
  });

  it('are refused with commas, empty, or with an unknown word', () => {
    expect(() => environmentOf({ 'hardware-table': ['a,b.json'] })).toThrow('without a comma');
    expect(() => environmentOf({ 'hardware-table': [' '] })).toThrow('is empty');
    expect(() => environmentOf({ 'missing-costs': ['guess'] })).toThrow('use refuse or wider or interpolate');
  });
});
