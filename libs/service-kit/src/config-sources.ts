import { readFileSync } from 'node:fs';
import type { FieldViolation } from '@bitwright/core';
import { parse } from 'yaml';
import type { ConfigFields } from './config-fields.js';
import { namesOf } from './config-names.js';

/** Raw values by setting, and what was wrong while reading them. */
export type RawConfig = {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly FieldViolation[];
};

/** Reads `--name value`, `--name=value`, `--flag`, `--no-flag`; a list's flag may be repeated. */
export function readFlags(argv: readonly string[], fields: ConfigFields): RawConfig {
  const settings = new Map(Object.keys(fields).map((setting) => [namesOf(setting).flag, setting]));
  const values: Record<string, unknown> = {};
  const problems: FieldViolation[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const flag = splitFlag(argument, settings);
    if (flag === undefined) {
      problems.push({ field: argument, description: `is not known; the flags are ${[...settings.keys()].join(', ')}` });
      continue;
    }
    const value = readValue(flag, fields[flag.setting]?.form, rest);
    if (value === undefined) problems.push({ field: flag.name, description: 'needs a value' });
    else
      values[flag.setting] = fields[flag.setting]?.form === 'list' ? [...asList(values[flag.setting]), value] : value;
  }
  return { values, problems };
}

type Flag = {
  readonly name: string;
  readonly setting: string;
  readonly negated: boolean;
  readonly inline: string | undefined;
};

function splitFlag(argument: string, settings: ReadonlyMap<string, string>): Flag | undefined {
  const [name = '', ...inline] = argument.split('=');
  const setting = settings.get(name);
  const positive = settings.get(name.replace(/^--no-/, '--'));
  if (setting === undefined && positive === undefined) return undefined;
  const value = inline.length === 0 ? undefined : inline.join('=');
  return { name, setting: (setting ?? positive) as string, negated: setting === undefined, inline: value };
}

function readValue({ inline, negated }: Flag, form: 'value' | 'flag' | 'list' | undefined, rest: string[]): unknown {
  if (form === 'flag') return inline ?? !negated;
  if (negated) return undefined;
  if (inline !== undefined) return inline;
  return rest[0]?.startsWith('--') === true ? undefined : rest.shift();
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Reads `BITWRIGHT_…`; an empty variable counts as not set, and variables of other services are left alone. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  fields: ConfigFields,
): RawConfig {
  const entries = Object.keys(fields).map((setting) => [setting, environment[namesOf(setting).environment]] as const);
  return {
    values: Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== '')),
    problems: [],
  };
}

/** Reads a YAML or JSON file with one key per setting; unknown keys are problems. */
export function readConfigFile(path: string, fields: ConfigFields): RawConfig {
  const content = parseFile(path);
  if (typeof content === 'string') return { values: {}, problems: [{ field: path, description: content }] };
  const unknown = Object.keys(content).filter((key) => !(key in fields));
  const known = `is not known; the keys are ${Object.keys(fields).join(', ')}`;
  return { values: content, problems: unknown.map((key) => ({ field: `${path}: ${key}`, description: known })) };
}

/** The file's object, or what is wrong with it. */
function parseFile(path: string): Record<string, unknown> | string {
  try {
    const content: unknown = parse(readFileSync(path, 'utf8'));
    if (content === null) return {};
    if (typeof content === 'object' && !Array.isArray(content)) return content as Record<string, unknown>;
    return 'must hold one object, with a key per setting';
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
