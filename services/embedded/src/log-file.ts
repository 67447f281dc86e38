import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, type Logger } from '@bitwright/service-kit';

/** The log of all embedded services in one file. */
export type LogFile = { logger(service: string): Logger; close(): Promise<void> };

const LARGEST_BYTES = 10_000_000;

/** Opens `bitwright.log` in the folder for appending; one that has grown too large becomes `bitwright.log.1`. */
export async function openLogFile(folder: string): Promise<LogFile> {
  const path = join(folder, 'bitwright.log');
  const size = await stat(path).then(
    ({ size: bytes }) => bytes,
    () => 0,
  );
  if (size > LARGEST_BYTES) await rename(path, `${path}.1`);
  const stream = createWriteStream(path, { flags: 'a' });
  // A full disk must not end a search: its log is the least of what it loses.
  stream.on('error', () => {});
  return {
    logger: (service) => createLogger({ service, destination: { write: (line) => void stream.write(line) } }),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
