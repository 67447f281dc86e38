import { z } from 'zod';
import { TABLE_LIMITS } from '../limits.js';
import { integerBetween, numberBetween, oneOf, textUpTo } from '../table-schema.js';

const text = textUpTo(TABLE_LIMITS.text);
const count = integerBetween(0, Number.MAX_SAFE_INTEGER);
const percent = numberBetween(0, TABLE_LIMITS.amount);

const FORECAST = {
  meanAbsoluteErrorPercent: percent,
  biasPercent: numberBetween(-TABLE_LIMITS.amount, TABLE_LIMITS.amount),
  rankCorrelation: numberBetween(-1, 1).optional(),
};

const COMPARISON = z.strictObject({
  date: text,
  network: text,
  runner: text,
  policies: count,
  ...FORECAST,
  withConversions: z.strictObject(FORECAST).optional(),
});

/** The record of how a table was measured, as JSON holds it. */
export const MEASUREMENT = z.strictObject({
  startedAt: text,
  finishedAt: text,
  software: text,
  runner: text,
  network: text,
  repeats: count,
  warmUp: count,
  seed: count,
  samples: count,
  outliers: count,
  unsupportedCells: count,
  failedCells: count,
  fill: z.strictObject({ method: oneOf(['roofline']), cells: count, heldOutErrorPercent: percent }).optional(),
});

const perMillion = numberBetween(0, TABLE_LIMITS.amount);

/** What networks take beyond their layers. */
export const CONVERSIONS = z.strictObject({
  constantMs: numberBetween(-TABLE_LIMITS.amount, TABLE_LIMITS.amount),
  quantizedMsPerMillion: perMillion,
  dequantizedMsPerMillion: perMillion,
  requantizedMsPerMillion: perMillion,
  joinedInFloatMsPerMillion: perMillion,
});

/** Forecasts against whole networks. */
export const COMPARISONS = z
  .array(COMPARISON)
  .max(TABLE_LIMITS.comparisons, `has more than ${TABLE_LIMITS.comparisons} entries`);
