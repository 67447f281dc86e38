import { BitwrightError, type LayerPrecision } from '@bitwright/core';
import { z } from 'zod';
import type { MeasuredAnswer, UnsupportedAnswer } from '../runner.js';

/** Version of the file. */
export const JOURNAL_SCHEMA = 'bitwright.table-journal/1';

/** What samples depend on: those of other settings do not go together. Texts and numbers by name. */
export type JournalSettings = Readonly<Record<string, string | number>>;

export type JournalHeader = { readonly settings: JournalSettings; readonly startedAt: string };

/** One answer for one cell; failures are not kept, so that whoever resumes tries again. */
export type JournalEntry = LayerPrecision & {
  /** See `layerShapeKey`. */
  readonly shape: string;
  readonly answer: MeasuredAnswer | UnsupportedAnswer;
};

const HEADER = z.object({
  schema: z.literal(JOURNAL_SCHEMA),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  startedAt: z.string(),
});

const amount = z.number().min(0);
const bits = z.int().min(1).max(32);

const FIGURES = z.strictObject({
  energyMj: amount.optional(),
  trafficBytes: amount.optional(),
  bound: z.enum(['compute', 'memory', 'overhead']).optional(),
  computeMs: amount.optional(),
  memoryMs: amount.optional(),
  overheadMs: amount.optional(),
  executedWeightBits: bits.optional(),
  executedActivationBits: bits.optional(),
  spreadMs: amount.optional(),
  interpolated: z.boolean().optional(),
});

const ENTRY = z.strictObject({
  shape: z.string(),
  weightBits: bits,
  activationBits: bits,
  answer: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('measured'),
      samplesMs: z.array(amount).min(1),
      figures: FIGURES,
      device: z.record(z.string(), z.string()).optional(),
    }),
    z.strictObject({ outcome: z.literal('unsupported'), reason: z.string() }),
  ]),
});

export const formatHeader = (header: JournalHeader) => `${JSON.stringify({ schema: JOURNAL_SCHEMA, ...header })}\n`;
export const formatEntry = (entry: JournalEntry) => `${JSON.stringify(entry)}\n`;

/** What a journal holds, and how many of its bytes are whole lines. */
export type JournalContent = {
  readonly header: JournalHeader;
  readonly entries: readonly JournalEntry[];
  readonly wholeBytes: number;
};

/**
 * Reads a journal. A last line that was cut off is left out, as nobody was told of it; undefined when not even the
 * header is whole. Throws `data_loss` for a line that is whole and wrong, `invalid_argument` for another kind of file.
 */
export function parseJournal(content: string, path: string): JournalContent | undefined {
  const end = content.lastIndexOf('\n') + 1;
  const lines = content.slice(0, end).split('\n').slice(0, -1);
  const [first, ...rest] = lines;
  if (first === undefined) return undefined;
  const header = HEADER.safeParse(parseLine(first));
  if (!header.success) throw damaged(path, 1);
  const { settings, startedAt } = header.data;
  const entries = rest.map((line, index) => {
    const entry = ENTRY.safeParse(parseLine(line));
    if (entry.success) return entry.data;
    throw damaged(path, index + 2);
  });
  return { header: { settings, startedAt }, entries, wholeBytes: Buffer.byteLength(content.slice(0, end)) };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function damaged(path: string, line: number): BitwrightError {
  const message = `${path}, line ${line}: is no line of a table's journal (${JOURNAL_SCHEMA}); --restart begins anew`;
  return new BitwrightError('data_loss', 'JOURNAL_DAMAGED', message);
}
