import { toBitwrightError } from '@bitwright/core';
import { describeConfig, readConfig } from './config.js';
import { type ConfigFields, type ConfigOf, choiceField, flagField, integerField } from './config-fields.js';
import { createLifecycle, type SignalSource, stopOnSignals } from './lifecycle.js';
import { createLogger, LOG_LEVELS, type Logger } from './logger.js';

/** Settings that every service has. */
export const SERVICE_FIELDS = {
  logLevel: choiceField('least severe log line that is written', LOG_LEVELS, 'info'),
  reflection: flagField('whether the service describes itself to gRPC tools', true),
  drainSeconds: integerField(
    'how long running calls may take to finish after SIGTERM, seconds',
    { min: 0, max: 3600 },
    10,
  ),
};

export type ServiceConfig = ConfigOf<typeof SERVICE_FIELDS>;

/** A service that listens. `close` drains and ends it. */
export type RunningService = { readonly address: string; close(): Promise<void> };

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a service is: its settings and how it is put together from them. */
export type ServiceDefinition<Fields extends ConfigFields> = {
  readonly name: string;
  readonly description: string;
  readonly fields: Fields;
  /** `environment` is for what is no setting of Bitwright, such as where a user's cache lies. */
  compose(
    config: ConfigOf<Fields & typeof SERVICE_FIELDS>,
    logger: Logger,
    environment: Environment,
  ): Promise<RunningService>;
};

/** The parts of `process` that a service needs. */
export type ServiceProcess = SignalSource & {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
};

const EXIT_CONFIG = 2;
const EXIT_FAILED = 1;

/**
 * Runs a service until SIGTERM or SIGINT, for `main.ts` alone. Wrong settings: every problem on standard error, exit 2.
 * A service that cannot start: one sentence, exit 1.
 */
export async function runService<Fields extends ConfigFields>(
  definition: ServiceDefinition<Fields>,
  process: ServiceProcess,
  flags: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const fields = { ...definition.fields, ...SERVICE_FIELDS };
  if (flags.includes('--help')) return void process.stdout.write(helpText(definition, fields));
  const config = readOrExplain(fields, flags, process);
  if (config === undefined) return process.exit(EXIT_CONFIG);
  const logger = createLogger({ service: definition.name, level: config.logLevel });
  const lifecycle = createLifecycle(logger);
  stopOnSignals(lifecycle, logger, process);
  try {
    const running = await definition.compose(config as ConfigOf<Fields & typeof SERVICE_FIELDS>, logger, process.env);
    lifecycle.onClose(definition.name, () => running.close());
  } catch (error) {
    // A setting may name a file that turns out wrong only now.
    if (toBitwrightError(error).kind === 'invalid_argument') {
      explain(error, process);
      return process.exit(EXIT_CONFIG);
    }
    logger.error({ err: error }, 'cannot start');
    process.stderr.write(`${definition.name} cannot start: ${toBitwrightError(error).message}\n`);
    process.exit(EXIT_FAILED);
  }
}

/** Every problem on a line. */
function explain(error: unknown, { stderr }: ServiceProcess): void {
  const { violations, message } = toBitwrightError(error);
  const lines =
    violations.length === 0 ? [message] : violations.map(({ field, description }) => `${field} ${description}`);
  stderr.write(`${lines.join('\n')}\n`);
}

function readOrExplain(
  fields: ConfigFields & typeof SERVICE_FIELDS,
  flags: readonly string[],
  process: ServiceProcess,
) {
  try {
    return readConfig(fields, { flags, environment: process.env }) as ServiceConfig;
  } catch (error) {
    explain(error, process);
    return undefined;
  }
}

function helpText(
  { name, description }: Pick<ServiceDefinition<ConfigFields>, 'name' | 'description'>,
  fields: ConfigFields,
): string {
  return `${name}: ${description}\n\nSettings, from flags, environment, or a file:\n${describeConfig(fields)}\n`;
}
