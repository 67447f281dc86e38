import { invalidFields } from '@bitwright/core';
import { parse } from 'yaml';
import { type FlagSet, type FlagValues, type RawFlags, readFlagValues, wrongFlag } from './flag.js';
import { readTextFile } from './read-text-file.js';

/**
 * Flags from a YAML or JSON file, one key per flag under the flag's name: lists for repeatable flags, an object for
 * `key=value` flags. Throws one `invalid_argument` for all that is wrong in it.
 */
export async function readRunFile<Flags extends FlagSet>(
  flags: Flags,
  path: string,
  folder: string,
): Promise<FlagValues<Flags>> {
  const content = await parseFile(path, folder);
  const spell = (name: string) => `${name} in ${path}`;
  const unknown = Object.keys(content).filter((name) => !(name in flags));
  if (unknown.length > 0) {
    const description = `is not known; the keys are ${Object.keys(flags).join(', ')}`;
    throw invalidFields(
      unknown.map((name) => ({ field: spell(name), description })),
      'FLAGS',
    );
  }
  return readFlagValues(flags, toRawFlags(content), spell);
}

function toRawFlags(content: Readonly<Record<string, unknown>>): RawFlags {
  const entries = Object.entries(content).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, toTexts(value)]));
}

function toTexts(value: unknown): readonly string[] {
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'number') ? [value.join(',')] : value.map(toText);
  if (typeof value !== 'object' || value === null) return [toText(value)];
  return Object.entries(value).map(([key, item]) => `${key}=${toText(item)}`);
}

const toText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

async function parseFile(path: string, folder: string): Promise<Record<string, unknown>> {
  const content = readYaml(await readTextFile('config', path, folder), path);
  if (content === null) return {};
  if (typeof content === 'object' && !Array.isArray(content)) return content as Record<string, unknown>;
  throw wrongFlag('config', `${path} must hold one object, with a key per flag`);
}

function readYaml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw wrongFlag('config', `${path} is no YAML: ${reason}`);
  }
}
