import { createWriteStream, renameSync, type WriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, type Logger } from '@bitwright/service-kit';

/** The log of all embedded services in one file. */
export type LogFile = { logger(service: string): Logger; close(): Promise<void> };

const LARGEST_BYTES = 10_000_000;

/** Opens `bitwright.log` in the folder for appending; whenever it has grown too large, it becomes `bitwright.log.1`. */
export async function openLogFile(folder: string, largestBytes = LARGEST_BYTES): Promise<LogFile> {
  const path = join(folder, 'bitwright.log');
  let bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  let stream = append(path);
  const write = (line: string) => {
    if (bytes > largestBytes) {
      putAside(path);
      // What it still has to write goes to the file that it opened, whose name is another now.
      stream.end();
      stream = append(path);
      bytes = 0;
    }
    bytes += Buffer.byteLength(line);
    stream.write(line);
  };
  return {
    logger: (service) => createLogger({ service, destination: { write } }),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

function append(path: string): WriteStream {
  const stream = createWriteStream(path, { flags: 'a' });
  // A full disk must not end a search: its log is the least of what it loses.
  return stream.on('error', () => {});
}

/** At once, so that no line comes between. Where it cannot be done the file grows on. */
function putAside(path: string): void {
  try {
    renameSync(path, `${path}.1`);
  } catch {}
}
