import type { Command as Commander, Option } from 'commander';
import type { RawFlags } from './flags/flag.js';

/** Flags as they were written, by name. */
export function rawFlagsOf(commander: Commander): RawFlags {
  const given = commander.options.filter(({ long }) => long !== '--json');
  const values = given.map((option) => [option.name(), givenValue(commander, option)] as const);
  const texts = values.map(([name, value]) => [name, value === true ? [''] : value] as const);
  return Object.fromEntries(texts.filter(([, value]) => value !== undefined)) as RawFlags;
}

/** Commander takes `--no-x` for the end of an `x` that is there by default; here it is a flag of its own. */
function givenValue(commander: Commander, option: Option): unknown {
  const value = commander.getOptionValue(option.attributeName());
  if (!option.negate) return value;
  return value === false ? true : undefined;
}
