import { type FieldViolation, invalidFields, type StrategyOption } from '@bitwright/core';

/** One setting: what people are told of it, and how a value is read. */
export type Option<T> = Omit<StrategyOption, 'name'> & {
  /** The value, or the default for `undefined` and `null`; undefined where it is none that can be used. */
  read(value: unknown): { readonly value: T } | undefined;
};

type Options = Readonly<Record<string, Option<unknown>>>;
type Values<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

/** Settings as a strategy is given them. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/** All settings of a strategy. */
export type OptionSet<O extends Options> = {
  readonly list: readonly StrategyOption[];
  /** One `invalid_argument` names every setting that is unknown or wrong. */
  read(given: GivenOptions): Values<O>;
};

export const OPTIONS_FIELD = 'spec.strategy.options';

export function defineOptions<O extends Options>(options: O): OptionSet<O> {
  const list = Object.entries(options).map(([name, { read: _read, ...told }]): StrategyOption => ({ name, ...told }));
  return { list, read: (given) => readOptions(given, options) };
}

function readOptions<O extends Options>(given: GivenOptions, options: O): Values<O> {
  const violations = unknownOptions(given, options);
  const read: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const found = option.read(given[name]);
    if (found !== undefined) read[name] = found.value;
    else violations.push(violation(name, `is ${JSON.stringify(given[name])}; use ${option.values}`));
  }
  if (violations.length > 0) throw invalidFields(violations, 'STRATEGY_OPTION');
  return read as Values<O>;
}

function unknownOptions(given: GivenOptions, options: Options): FieldViolation[] {
  const known = Object.keys(options);
  const description =
    known.length > 0 ? `is no option; there are ${known.join(', ')}` : 'is no option; this strategy has none';
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => violation(name, description));
}

const violation = (name: string, description: string): FieldViolation => ({
  field: `${OPTIONS_FIELD}.${name}`,
  description,
});

type Range<D> = { readonly default: D; readonly minimum: number; readonly maximum?: number };

/** A whole number within a range. */
export function integerOption<D extends number | undefined>(description: string, range: Range<D>): Option<number | D> {
  return option(description, `a whole number ${rangeText(range)}`, range.default, isWithin(range, Number.isInteger));
}

/** A number within a range. */
export function numberOption<D extends number | undefined>(description: string, range: Range<D>): Option<number | D> {
  return option(description, `a number ${rangeText(range)}`, range.default, isWithin(range, Number.isFinite));
}

/** `true` or `false`. */
export function booleanOption(description: string, byDefault: boolean): Option<boolean> {
  return option(description, 'true or false', byDefault, (value): value is boolean => typeof value === 'boolean');
}

/** One of a few words. */
export function choiceOption<T extends string, D extends T | undefined>(
  description: string,
  choices: readonly T[],
  byDefault: D,
): Option<T | D> {
  const isChoice = (value: unknown): value is T => choices.some((choice) => choice === value);
  return option(description, `one of ${choices.join(', ')}`, byDefault, isChoice);
}

/** Named switches, off by default: `true` turns all on, an object some. */
export function switchesOption<T extends string>(
  description: string,
  names: readonly T[],
): Option<Readonly<Record<T, boolean>>> {
  const all = (state: boolean) => Object.fromEntries(names.map((name) => [name, state])) as Record<T, boolean>;
  const values = `true, false or an object of switches: ${names.join(', ')}`;
  return {
    ...{ description, values, default: 'false' },
    read: (value) => {
      if (value === undefined || value === null) return { value: all(false) };
      if (typeof value === 'boolean') return { value: all(value) };
      return areSwitches(value, names) ? { value: { ...all(false), ...value } } : undefined;
    },
  };
}

function areSwitches<T extends string>(value: unknown, names: readonly T[]): value is Partial<Record<T, boolean>> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([name, state]) => names.includes(name as T) && typeof state === 'boolean');
}

function option<T, D extends T | undefined>(
  description: string,
  values: string,
  byDefault: D,
  accepts: (value: unknown) => value is T,
): Option<T | D> {
  return {
    ...{ description, values, default: byDefault === undefined ? undefined : String(byDefault) },
    read: (value) => {
      if (value === undefined || value === null) return { value: byDefault };
      return accepts(value) ? { value } : undefined;
    },
  };
}

function isWithin(
  { minimum, maximum = Number.POSITIVE_INFINITY }: Range<unknown>,
  isSound: (value: number) => boolean,
) {
  return (value: unknown): value is number =>
    typeof value === 'number' && isSound(value) && value >= minimum && value <= maximum;
}

const rangeText = ({ minimum, maximum }: Range<unknown>): string =>
  maximum === undefined ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
