import { resolve } from 'node:path';
import type { Surroundings } from '../surroundings.js';
import { choice, type FlagValues, repeated, wrongFlag } from './flag.js';

/** Cost tables as targets of the services that run inside the command. */
export const TABLE_FLAGS = {
  'hardware-table': repeated(
    'FILE',
    'a cost table as a target that is named after its file; NAME=FILE names it',
    readTable,
  ),
  'missing-costs': choice('what a table does where it lacks a pair of bits of a layer (default refuse)', [
    'refuse',
    'wider',
    'interpolate',
  ]),
};

export type TableFlags = FlagValues<typeof TABLE_FLAGS>;

/**
 * The same surroundings with the tables of the flags in the environment, where the services inside the command look for
 * them. Throws `invalid_argument` when another process, at `address`, is to be asked: its tables are its own.
 */
export function withTables(
  { 'hardware-table': tables = [], 'missing-costs': missingCosts }: TableFlags,
  address: string | undefined,
  surroundings: Surroundings,
): Surroundings {
  if (tables.length === 0 && missingCosts === undefined) return surroundings;
  if (address !== undefined) {
    const flag = tables.length > 0 ? 'hardware-table' : 'missing-costs';
    throw wrongFlag(
      flag,
      `is for services inside this command; give the hardware service --tables where it is started`,
    );
  }
  const { environment, folder } = surroundings;
  const all = [environment['BITWRIGHT_TABLES'] ?? '', ...tables.map((table) => resolveTable(table, folder))];
  const settings = {
    BITWRIGHT_TABLES: all.filter((setting) => setting !== '').join(','),
    ...(missingCosts === undefined ? {} : { BITWRIGHT_MISSING_COSTS: missingCosts }),
  };
  return { ...surroundings, environment: { ...environment, ...settings } };
}

/** The environment holds a list with commas. */
function readTable(value: string): string {
  if (value.trim() === '') throw new Error('is empty; give a file');
  if (value.includes(',')) throw new Error(`is "${value}"; give a file without a comma in its name, one for each flag`);
  return value;
}

function resolveTable(table: string, folder: string): string {
  const [, name, path = table] = /^([a-z0-9-]+)=(.*)$/s.exec(table) ?? [];
  return name === undefined ? resolve(folder, path) : `${name}=${resolve(folder, path)}`;
}
