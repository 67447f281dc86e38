import { BitwrightError, invalidField } from '@bitwright/core';
import { z } from 'zod';
import type { EdgeBits } from './graph/search-space.js';
import type { BitMeasure } from './search/trial.js';

/** How a network is quantized: bits of the variables and thresholds of the nodes, for one model on one hardware. */
export type EdgeStrategy = {
  /** Digest of the model with its parameters; a strategy serves no other. */
  readonly modelHash: string;
  readonly hardware: string;
  readonly bits: EdgeBits;
  readonly thresholds: ReadonlyMap<string, number>;
};

/** One line of a log: what was tried and what came of it. */
export type StrategyRecord = { readonly strategy: EdgeStrategy; readonly measure: BitMeasure };

const VERSION = 0.1;

/** A line of JSON in HAGO's form, with the hardware's name added. */
export function formatStrategyRecord({ strategy, measure }: StrategyRecord): string {
  const { modelHash, hardware, bits, thresholds } = strategy;
  const result = { accuracy: measure.accuracy, kl_distance: measure.divergence };
  const saved = { model_hash: modelHash, hardware, bits, thresholds: Object.fromEntries(thresholds) };
  return JSON.stringify({ version: VERSION, strategy: saved, result });
}

const share = z.number().min(0).max(1);
const record = z.object({
  version: z.literal(VERSION),
  strategy: z.object({
    model_hash: z.string().min(1).max(200),
    hardware: z.string().min(1).max(100),
    bits: z.array(z.int().min(1).max(32)).max(100_000),
    thresholds: z.record(z.string(), z.number().min(0)),
  }),
  result: z.object({ accuracy: share, kl_distance: z.number() }),
});

/** Most bytes of a log: 100,000 trials of a deep network. */
const LARGEST_LOG = 512 * 1024 * 1024;

/**
 * Reads a log, a record a line; empty lines are skipped. Throws `invalid_argument` `STRATEGY_LOG` that names the line and the
 * field; `sourceName` is what the reader calls the file.
 */
export function parseStrategyLog(text: string, sourceName: string): readonly StrategyRecord[] {
  if (text.length > LARGEST_LOG)
    throw invalidField(sourceName, `has ${text.length} characters; a log has at most ${LARGEST_LOG}`);
  const records = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, index + 1, sourceName)]));
  if (records.length === 0)
    throw invalidField(sourceName, 'has no strategy; give a log that a search wrote', 'STRATEGY_LOG');
  return records;
}

function parseLine(line: string, number: number, sourceName: string): StrategyRecord {
  const refuse = (description: string) => invalidField(`${sourceName}: line ${number}`, description, 'STRATEGY_LOG');
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    throw refuse('is not JSON; a log has one strategy a line');
  }
  const { data, error } = record.safeParse(content);
  if (data === undefined) {
    const issue = error.issues[0];
    throw refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not as it should be'}`);
  }
  const { model_hash: modelHash, hardware, bits, thresholds } = data.strategy;
  const measure = { accuracy: data.result.accuracy, divergence: data.result.kl_distance };
  return { strategy: { modelHash, hardware, bits, thresholds: new Map(Object.entries(thresholds)) }, measure };
}

/** Refuses a strategy that was found for another model or hardware: `failed_precondition` `STRATEGY_MODEL`. */
export function assertStrategyFits(
  strategy: EdgeStrategy,
  modelHash: string,
  hardware: string,
  variables: number,
): void {
  const refuse = (message: string) => new BitwrightError('failed_precondition', 'STRATEGY_MODEL', message);
  if (strategy.modelHash !== modelHash) {
    throw refuse(
      `the strategy is for the model ${strategy.modelHash.slice(0, 12)}, this is ${modelHash.slice(0, 12)}; search again`,
    );
  }
  if (strategy.hardware !== hardware)
    throw refuse(`the strategy is for ${strategy.hardware}, not for ${hardware}; search again`);
  if (strategy.bits.length !== variables) {
    throw refuse(`the strategy has bits for ${strategy.bits.length} edges, the network has ${variables}; search again`);
  }
}
