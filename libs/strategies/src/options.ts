import { type FieldViolation, invalidFields } from '@bitwright/core';

/** Reads one option: its value, or its default for `undefined`. Throws a {@link Refusal} that says what to write. */
export type OptionReader<T> = (value: unknown) => T;

/** What a reader throws; {@link readOptions} adds the field's name. */
class Refusal extends Error {}

export const OPTIONS_FIELD = 'spec.strategy.options';

type Readers = Readonly<Record<string, OptionReader<unknown>>>;
type Values<R extends Readers> = { readonly [K in keyof R]: ReturnType<R[K]> };

/** Reads a strategy's options; one `invalid_argument` names every field that is unknown or wrong. */
export function readOptions<R extends Readers>(
  options: Readonly<Record<string, unknown>>,
  readers: R,
  field = OPTIONS_FIELD,
): Values<R> {
  const violations = unknownOptions(options, readers, field);
  const values: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(readers)) {
    try {
      values[name] = read(options[name]);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      violations.push({ field: `${field}.${name}`, description: error.message });
    }
  }
  if (violations.length > 0) throw invalidFields(violations, 'STRATEGY_OPTION');
  return values as Values<R>;
}

type Range<D> = { readonly default: D; readonly minimum: number; readonly maximum?: number };

/** A whole number within a range. */
export function integerOption<D extends number | undefined>(range: Range<D>): OptionReader<number | D> {
  return (value) => {
    const number = numberOption(range)(value);
    if (number !== undefined && !Number.isInteger(number)) throw new Refusal(`is ${String(value)}; use a whole number`);
    return number;
  };
}

/** A number within a range. */
export function numberOption<D extends number | undefined>(range: Range<D>): OptionReader<number | D> {
  const { minimum, maximum = Number.POSITIVE_INFINITY } = range;
  const wanted = Number.isFinite(maximum) ? `from ${minimum} to ${maximum}` : `of at least ${minimum}`;
  return (value) => {
    if (value === undefined || value === null) return range.default;
    if (typeof value === 'number' && value >= minimum && value <= maximum) return value;
    throw new Refusal(`is ${JSON.stringify(value)}; use a number ${wanted}`);
  };
}

/** `true` or `false`. */
export function booleanOption(byDefault: boolean): OptionReader<boolean> {
  return (value) => {
    if (value === undefined || value === null) return byDefault;
    if (typeof value === 'boolean') return value;
    throw new Refusal(`is ${JSON.stringify(value)}; use true or false`);
  };
}

/** One of a few words. */
export function choiceOption<T extends string, D extends T | undefined>(
  choices: readonly T[],
  byDefault: D,
): OptionReader<T | D> {
  return (value) => {
    if (value === undefined || value === null) return byDefault;
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    throw new Refusal(`is ${JSON.stringify(value)}; use one of ${choices.join(', ')}`);
  };
}

/** Named switches, off by default: `true` turns all on, an object some. */
export function switchesOption<T extends string>(names: readonly T[]): OptionReader<Readonly<Record<T, boolean>>> {
  const all = (state: boolean) => Object.fromEntries(names.map((name) => [name, state])) as Record<T, boolean>;
  return (value) => {
    if (value === undefined || value === null) return all(false);
    if (typeof value === 'boolean') return all(value);
    const entries = typeof value === 'object' ? Object.entries(value) : [['', value] as const];
    const wrong = entries.find(([name, state]) => !names.includes(name as T) || typeof state !== 'boolean');
    if (wrong === undefined) return { ...all(false), ...(value as Partial<Record<T, boolean>>) };
    throw new Refusal(
      `has ${JSON.stringify(Object.fromEntries([wrong]))}; use true, false or an object of switches: ${names.join(', ')}`,
    );
  };
}

function unknownOptions(options: object, readers: Readers, field: string): FieldViolation[] {
  const known = Object.keys(readers);
  const description =
    known.length > 0 ? `is no option; there are ${known.join(', ')}` : 'is no option; this strategy has none';
  return Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => ({ field: `${field}.${name}`, description }));
}
