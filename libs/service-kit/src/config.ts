import { type FieldViolation, invalidFields } from '@bitwright/core';
import { type ConfigField, type ConfigFields, type ConfigOf, optionalTextField } from './config-fields.js';
import { namesOf } from './config-names.js';
import { type RawConfig, readConfigFile, readEnvironment, readFlags } from './config-sources.js';

/** Where settings come from: the first that has one wins, in this order, then the file, then the default. */
export type ConfigSources = {
  /** Arguments without the program's name: `process.argv.slice(2)`. */
  readonly flags: readonly string[];
  /** `process.env`, which only `main.ts` may read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

const CONFIG_FILE = { config: optionalTextField('a YAML or JSON file with settings') };
const NOTHING: RawConfig = { values: {}, problems: [] };

/**
 * The settings, checked and frozen. Throws one `invalid_argument` (`CONFIG`) for all problems together, each naming the
 * flag, variable or key it came from and how to mend it. `--config` or `BITWRIGHT_CONFIG` names the file.
 */
export function readConfig<Fields extends ConfigFields>(fields: Fields, sources: ConfigSources): ConfigOf<Fields> {
  const all = { ...fields, ...CONFIG_FILE };
  const flags = readFlags(sources.flags, all);
  const environment = readEnvironment(sources.environment, all);
  const path = flags.values['config'] ?? environment.values['config'];
  const file = typeof path === 'string' ? readConfigFile(path, fields) : NOTHING;
  const settings: Record<string, unknown> = {};
  const problems = [...flags.problems, ...environment.problems, ...file.problems];
  for (const [setting, field] of Object.entries(fields)) {
    const found = findValue(setting, { flags, environment, file });
    const result = field.schema.safeParse(found.value);
    if (result.success) settings[setting] = result.data;
    else problems.push(describeProblem(setting, field, found, result.error.issues));
  }
  if (problems.length > 0) throw invalidFields(problems, 'CONFIG');
  return Object.freeze(settings) as ConfigOf<Fields>;
}

/** One line per setting for `--help`: flag, variable, what it is for, default. */
export function describeConfig(fields: ConfigFields): string {
  const rows = Object.entries({ ...fields, ...CONFIG_FILE }).map(([setting, field]) => {
    const { flag, environment } = namesOf(setting);
    const fallback = field.default === undefined ? '' : ` (default ${String(field.default) || 'none'})`;
    return {
      head: field.form === 'flag' ? flag : `${flag} VALUE`,
      text: `${field.description}${fallback} [${environment}]`,
    };
  });
  const width = Math.max(...rows.map(({ head }) => head.length));
  return rows.map(({ head, text }) => `  ${head.padEnd(width)}  ${text}`).join('\n');
}

type Sources = { readonly flags: RawConfig; readonly environment: RawConfig; readonly file: RawConfig };
type Found = { readonly value: unknown; readonly origin: string | undefined };

function findValue(setting: string, { flags, environment, file }: Sources): Found {
  const names = namesOf(setting);
  const candidates = [
    { value: flags.values[setting], origin: names.flag },
    { value: environment.values[setting], origin: names.environment },
    { value: file.values[setting], origin: `key ${names.file} of the configuration file` },
  ];
  return candidates.find(({ value }) => value !== undefined) ?? { value: undefined, origin: undefined };
}

type Issue = { readonly message: string; readonly path: readonly PropertyKey[] };

function describeProblem(
  setting: string,
  field: ConfigField<unknown>,
  found: Found,
  issues: readonly Issue[],
): FieldViolation {
  const { flag, environment, file } = namesOf(setting);
  if (found.origin === undefined) {
    const description = `is required (${field.description}); give ${flag}, ${environment} or ${file} in a configuration file`;
    return { field: flag, description };
  }
  const fix = issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
  return { field: found.origin, description: `is ${JSON.stringify(found.value)}; ${fix} (${field.description})` };
}
