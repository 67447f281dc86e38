import { z } from 'zod';

/** One setting: how it is checked, what it is for (with its unit), and whether a flag needs no value. */
export type ConfigField<T> = {
  readonly schema: z.ZodType<T>;
  readonly description: string;
  /** `value`: one value; `flag`: `--name` and `--no-name`; `list`: repeated or separated by commas. */
  readonly form: 'value' | 'flag' | 'list';
  /** Shown in help. */
  readonly default: T | undefined;
};

export type ConfigFields = Readonly<Record<string, ConfigField<unknown>>>;

/** The settings' types by name. */
export type ConfigOf<Fields extends ConfigFields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends ConfigField<infer T> ? T : never;
};

type Bounds = { readonly min: number; readonly max: number };

/** Text; required when there is no default. */
export function textField(description: string, fallback?: string): ConfigField<string> {
  return field(z.string().min(1, 'must not be empty'), description, 'value', fallback);
}

/** Text that may be left out. */
export function optionalTextField(description: string): ConfigField<string | undefined> {
  return { schema: z.string().min(1).optional(), description, form: 'value', default: undefined };
}

/** An integer within the bounds, ends included. */
export function integerField(description: string, { min, max }: Bounds, fallback?: number): ConfigField<number> {
  const message = `use an integer from ${min} to ${max}`;
  const schema = z.preprocess(toNumber, z.number(message).int(message).min(min, message).max(max, message));
  return field(schema, description, 'value', fallback);
}

/** A number within the bounds, ends included. */
export function numberField(description: string, { min, max }: Bounds, fallback?: number): ConfigField<number> {
  const message = `use a number from ${min} to ${max}`;
  const schema = z.preprocess(toNumber, z.number(message).min(min, message).max(max, message));
  return field(schema, description, 'value', fallback);
}

/** On or off: `--name`, `--no-name`; in the environment and in files `true`, `false`, `1`, `0`, `yes`, `no`. */
export function flagField(description: string, fallback: boolean): ConfigField<boolean> {
  const schema = z.preprocess(toBoolean, z.boolean('use true or false'));
  return field(schema, description, 'flag', fallback);
}

/** One of a closed set. */
export function choiceField<const Choice extends string>(
  description: string,
  choices: readonly [Choice, ...Choice[]],
  fallback?: NoInfer<Choice>,
): ConfigField<Choice> {
  return field(z.enum(choices, `use one of ${choices.join(', ')}`), description, 'value', fallback);
}

/** Texts: a flag that may be repeated, or one value separated by commas. */
export function listField(description: string, fallback?: readonly string[]): ConfigField<readonly string[]> {
  const schema = z.preprocess(toList, z.array(z.string().min(1, 'must not be empty')).readonly());
  return field(schema, description, 'list', fallback);
}

const ADDRESS = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:]+):[0-9]{1,5}$/, 'write host:port, for example 127.0.0.1:7001');

/** `host:port`; port 0 means any free one. */
export function addressField(description: string, fallback?: string): ConfigField<string> {
  return field(ADDRESS, description, 'value', fallback);
}

/** One or more of `host:port`, as {@link listField} takes them. */
export function addressesField(
  description: string,
  fallback?: readonly [string, ...string[]],
): ConfigField<readonly [string, ...string[]]> {
  const schema = z.preprocess(toList, z.tuple([ADDRESS], ADDRESS).readonly());
  return field(schema, description, 'list', fallback);
}

/** `host:port` that may be left out. */
export function optionalAddressField(description: string): ConfigField<string | undefined> {
  return { schema: ADDRESS.optional(), description, form: 'value', default: undefined };
}

function field<T>(
  schema: z.ZodType<T>,
  description: string,
  form: ConfigField<T>['form'],
  fallback: T | undefined,
): ConfigField<T> {
  return {
    schema: fallback === undefined ? schema : schema.default(fallback as never),
    description,
    form,
    default: fallback,
  };
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}

function toBoolean(value: unknown): unknown {
  if (value === 'true' || value === '1' || value === 'yes') return true;
  return value === 'false' || value === '0' || value === 'no' ? false : value;
}

function toList(value: unknown): unknown {
  const parts = (text: unknown) => (typeof text === 'string' ? text.split(',').map((part) => part.trim()) : [text]);
  // `--name=` says that there are none, where there would be some by default
  if (value === '' || (Array.isArray(value) && value.length === 1 && value[0] === '')) return [];
  return Array.isArray(value) ? value.flatMap(parts) : parts(value).flat();
}
