import { BitwrightError, type FieldViolation, invalidField, invalidFields } from '@bitwright/core';

/** One flag: the same name on the command line and in a configuration file. */
export type Flag<T> = {
  /** What stands for the value in help, for example `N`; undefined for a flag that has none: it is given or not. */
  readonly placeholder: string | undefined;
  readonly description: string;
  /** Reads every value that was given, in order (at least one). Throws an Error that says what is wrong and the fix. */
  readonly read: (texts: readonly string[]) => T;
};

export type FlagSet = Readonly<Record<string, Flag<unknown>>>;

/** The values of those flags that were given. */
export type FlagValues<Flags extends FlagSet> = {
  readonly [Name in keyof Flags]?: Flags[Name] extends Flag<infer T> ? T : never;
};

/** What was written for each flag, before it is read, and where. */
export type RawFlags = Readonly<Record<string, readonly string[]>>;

/**
 * Reads the flags that were given. Throws one `invalid_argument` that names each wrong one; `spell` says how a flag's
 * name is shown, for example with the file it comes from.
 */
export function readFlagValues<Flags extends FlagSet>(
  flags: Flags,
  raw: RawFlags,
  spell = (name: string) => `--${name}`,
): FlagValues<Flags> {
  const values: Record<string, unknown> = {};
  const violations: FieldViolation[] = [];
  for (const [name, texts] of Object.entries(raw)) {
    try {
      values[name] = flags[name]?.read(texts);
    } catch (error) {
      violations.push({ field: spell(name), description: reasonOf(error) });
    }
  }
  if (violations.length > 0) throw invalidFields(violations, 'FLAGS');
  return values as FlagValues<Flags>;
}

/** A flag whose last value counts. */
export function single<T>(placeholder: string, description: string, readOne: (text: string) => T): Flag<T> {
  return { placeholder, description, read: (texts) => readOne(texts.at(-1) ?? '') };
}

/** A flag that may be repeated. */
export function repeated<T>(
  placeholder: string,
  description: string,
  readOne: (text: string) => T,
): Flag<readonly T[]> {
  return { placeholder, description: `${description} (repeatable)`, read: (texts) => texts.map(readOne) };
}

/** One or more names, each given once: the flag may be repeated, and a value may hold several with commas between. */
export function names(placeholder: string, description: string): Flag<readonly string[]> {
  return {
    placeholder: `${placeholder}[,${placeholder}]`,
    description: `${description} (repeatable)`,
    read: (texts) => {
      const all = texts.flatMap((given) => given.split(',')).map((name) => name.trim());
      if (all.includes('')) throw new Error(`is "${texts.join(' ')}"; give a name, or several with commas between`);
      const repeatedName = all.find((name, index) => all.indexOf(name) !== index);
      if (repeatedName !== undefined) throw new Error(`names ${repeatedName} twice; name each once`);
      return all;
    },
  };
}

/** Text that is not empty. */
export function text(placeholder: string, description: string): Flag<string> {
  return single(placeholder, description, (value) => {
    if (value.trim() === '') throw new Error('is empty; give a value');
    return value;
  });
}

/** A whole number within bounds, ends included. */
export function integer(description: string, low: number, high: number): Flag<number> {
  return single('N', description, (value) => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isInteger(number) && number >= low && number <= high) return number;
    throw new Error(`is "${value}"; use a whole number from ${low} to ${high}`);
  });
}

/** A number above `low`, up to `high`. */
export function numberAbove(description: string, low: number, high: number): Flag<number> {
  return numberWhere(description, (number) => number > low && number <= high, `above ${low}, up to ${high}`);
}

/** A number from `low` to `high`. */
export function numberWithin(description: string, low: number, high: number): Flag<number> {
  return numberWhere(description, (number) => number >= low && number <= high, `from ${low} to ${high}`);
}

function numberWhere(description: string, holds: (number: number) => boolean, range: string): Flag<number> {
  return single('X', description, (value) => {
    const number = Number(value);
    if (value.trim() !== '' && holds(number)) return number;
    throw new Error(`is "${value}"; use a number ${range}`);
  });
}

/** A flag without a value: true when it is given. */
export function given(description: string): Flag<boolean> {
  return { placeholder: undefined, description, read: () => true };
}

/** One of a closed set. */
export function choice<const Choice extends string>(description: string, choices: readonly Choice[]): Flag<Choice> {
  return single(choices.join('|'), description, (value) => {
    const found = choices.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new Error(`is "${value}"; use ${choices.join(' or ')}`);
  });
}

/** An `invalid_argument` about one flag. */
export function wrongFlag(name: string, description: string): BitwrightError {
  return invalidField(`--${name}`, description, 'FLAGS');
}

/** The core's parsers start their message with the field; here it is named once. */
function reasonOf(error: unknown): string {
  if (error instanceof BitwrightError && error.violations[0] !== undefined) return error.violations[0].description;
  return error instanceof Error ? error.message : String(error);
}

/** An `invalid_argument` about an argument that is not a flag. */
export function wrongArgument(name: string, description: string): BitwrightError {
  return invalidField(`<${name}>`, description, 'ARGUMENTS');
}
