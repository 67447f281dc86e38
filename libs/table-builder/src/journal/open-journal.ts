import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BitwrightError } from '@bitwright/core';
import { type FolderLock, lockFolder } from '@bitwright/service-kit';
import {
  formatEntry,
  formatHeader,
  type JournalContent,
  type JournalEntry,
  type JournalHeader,
  type JournalSettings,
  parseJournal,
} from './journal-line.js';

/** What was measured, on disk before anybody hears of it. */
export type Journal = {
  /** When the first of its measurements was begun, ISO 8601. */
  readonly startedAt: string;
  /** What was there when it was opened. */
  readonly entries: readonly JournalEntry[];
  /** Resolves when the entries are on disk. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  close(): Promise<void>;
};

export type OpenJournalOptions = {
  readonly path: string;
  readonly settings: JournalSettings;
  /** Whether what is there is thrown away. */
  readonly restart: boolean;
  /** ISO 8601. */
  readonly now: string;
};

/**
 * Opens the journal, or goes on with the one that is there; one that holds nothing is begun anew, whatever its settings.
 * Throws `failed_precondition` `JOURNAL_SETTINGS` for one of other settings, naming them, and `FOLDER_IN_USE` while
 * another process has it; `data_loss` for a damaged one.
 */
export async function openJournal({ path, settings, restart, now }: OpenJournalOptions): Promise<Journal> {
  await makeFolder(dirname(path));
  const lock = await lockFolder(`${path}.lock`, 'builds this table; wait for it, or write to another file');
  try {
    const file = await openFile(path);
    try {
      return await readJournal({ file, lock }, path, { settings, restart, now });
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The file, and the right to write to it. */
type Held = { readonly file: FileHandle; readonly lock: FolderLock };

async function readJournal(
  held: Held,
  path: string,
  { settings, restart, now }: Omit<OpenJournalOptions, 'path'>,
): Promise<Journal> {
  const found = restart ? undefined : parseJournal(await held.file.readFile('utf8'), path);
  // Nothing is lost with a first attempt that never measured anything, such as that of a command with a mistake in it.
  if (found === undefined || found.entries.length === 0) return beginJournal(held, { settings, startedAt: now });
  assertSameSettings(found.header.settings, settings, path);
  // What was cut off would run into the next line.
  await held.file.truncate(found.wholeBytes);
  return toJournal(held, found);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a+');
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

function cannotWrite(path: string, cause: unknown): BitwrightError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BitwrightError('failed_precondition', 'JOURNAL_FILE', `${path} cannot be written: ${reason}`, { cause });
}

async function beginJournal(held: Held, header: JournalHeader): Promise<Journal> {
  const { file } = held;
  await file.truncate(0);
  await file.appendFile(formatHeader(header));
  await file.sync();
  return toJournal(held, { header, entries: [] });
}

function toJournal({ file, lock }: Held, found: Pick<JournalContent, 'header' | 'entries'>): Journal {
  return {
    startedAt: found.header.startedAt,
    entries: found.entries,
    append: async (entries) => {
      if (entries.length === 0) return;
      await file.appendFile(entries.map(formatEntry).join(''));
      await file.datasync();
    },
    close: async () => {
      await file.close();
      await lock.release();
    },
  };
}

function assertSameSettings(found: JournalSettings, asked: JournalSettings, path: string): void {
  const names = [...new Set([...Object.keys(asked), ...Object.keys(found)])];
  const differences = names
    .filter((name) => found[name] !== asked[name])
    .map((name) => `${name} ${found[name] ?? 'none'} there, ${asked[name] ?? 'none'} now`);
  if (differences.length === 0) return;
  const fix = 'give the same settings to go on with it, another --out, or --restart to begin anew';
  const message = `${path} holds measurements of other settings (${differences.join('; ')}); ${fix}`;
  throw new BitwrightError('failed_precondition', 'JOURNAL_SETTINGS', message);
}
