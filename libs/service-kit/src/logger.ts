import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LoggerOptions = {
  /** The process's name, in each line as `service`. */
  readonly service: string;
  readonly level?: LogLevel | undefined;
  /** Where lines go; standard error by default, so that standard output stays the program's own. */
  readonly destination?: DestinationStream | undefined;
};

const SECRET_KEYS = ['password', 'token', 'secret', 'authorization', 'credentials'];

/** One JSON object per line, with ISO time. Secrets are struck out: by key, and passwords in URLs wherever they stand. */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  const target = destination ?? process.stderr;
  const redacting: DestinationStream = { write: (line) => void target.write(redactUrls(line)) };
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '***' },
    },
    redacting,
  );
}

/** A logger that says nothing, for tests and for programs that do not want one. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

/** `nats://user:word@host` becomes `nats://user:***@host`; a token alone before the `@` goes, too. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)([^\s"'\\/@]+)@/gi, (_match, scheme: string, credentials: string) => {
    const colon = credentials.indexOf(':');
    return colon < 0 ? `${scheme}***@` : `${scheme}${credentials.slice(0, colon)}:***@`;
  });
}
