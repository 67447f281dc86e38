import { LAYER_KINDS } from '@bitwright/hardware-kit';
import { z } from 'zod';
import { TABLE_LIMITS } from './limits.js';
import type { LookupCell } from './lookup-table.js';

/** Makes zod say what is wrong as every other refusal does: the value, then what to use instead. */
const useInstead = (fix: string) => ({
  error: ({ input }: { readonly input?: unknown }) => {
    if (input === undefined) return `is missing; use ${fix}`;
    const found = typeof input === 'number' ? String(input) : JSON.stringify(input).slice(0, 100);
    return `is ${found}; use ${fix}`;
  },
});

export function integerBetween(low: number, high: number) {
  const error = useInstead(`an integer from ${low} to ${high}`);
  return z.int(error).min(low, error).max(high, error);
}

export function numberAbove(low: number, high: number) {
  const error = useInstead(`a number above ${low}, up to ${high}`);
  return z.number(error).gt(low, error).max(high, error);
}

export function numberBetween(low: number, high: number) {
  const error = useInstead(`a number from ${low} to ${high}`);
  return z.number(error).min(low, error).max(high, error);
}

export function oneOf<const Choice extends string>(choices: readonly [Choice, ...Choice[]]) {
  return z.enum(choices, useInstead(choices.join(', ')));
}

export function textUpTo(characters: number) {
  const error = useInstead(`text of at most ${characters} characters`);
  return z.string(error).max(characters, error);
}

export const trueOrFalse = z.boolean(useInstead('true or false'));

const dimension = integerBetween(1, TABLE_LIMITS.dimension);
const bitsError = useInstead('an integer from 1 to 8, or 32 for float');
const isWidth = (width: number) => width === 32 || (Number.isInteger(width) && width >= 1 && width <= 8);
const bits = z.number(bitsError).refine(isWidth, bitsError);
const amountError = useInstead('a number, at least 0');
const amount = z.number(amountError).min(0, amountError).max(TABLE_LIMITS.amount, amountError);

/** A layer's name, batch and shape. */
export const LAYER_FIELDS = {
  name: textUpTo(TABLE_LIMITS.name),
  kind: oneOf(LAYER_KINDS as [(typeof LAYER_KINDS)[number], ...(typeof LAYER_KINDS)[number][]]),
  batch: integerBetween(1, TABLE_LIMITS.batch),
  inChannels: dimension,
  outChannels: dimension,
  kernelHeight: dimension,
  kernelWidth: dimension,
  stride: dimension,
  groups: dimension,
  inputHeight: dimension,
  inputWidth: dimension,
  outputHeight: dimension,
  outputWidth: dimension,
} as const;

/** A pair of bits and what is known of its cost. */
export const CELL_FIELDS = {
  weightBits: bits,
  activationBits: bits,
  latencyMs: amount,
  energyMj: amount.optional(),
  trafficBytes: amount.optional(),
  bound: oneOf(['compute', 'memory', 'overhead']).optional(),
  computeMs: amount.optional(),
  memoryMs: amount.optional(),
  overheadMs: amount.optional(),
  executedWeightBits: bits.optional(),
  executedActivationBits: bits.optional(),
  spreadMs: amount.optional(),
  interpolated: trueOrFalse.optional(),
} as const;

type CellFields = z.infer<z.ZodObject<typeof CELL_FIELDS>>;

/** A cell with what was left out as unknown; precision that is not given is executed as asked. */
export function toCell(fields: CellFields): LookupCell {
  const {
    weightBits,
    activationBits,
    executedWeightBits = weightBits,
    executedActivationBits = activationBits,
  } = fields;
  return {
    weightBits,
    activationBits,
    latencyMs: fields.latencyMs,
    energyMj: fields.energyMj,
    trafficBytes: fields.trafficBytes,
    bound: fields.bound,
    computeMs: fields.computeMs,
    memoryMs: fields.memoryMs,
    overheadMs: fields.overheadMs,
    executedWeightBits,
    executedActivationBits,
    spreadMs: fields.spreadMs,
    interpolated: fields.interpolated === true ? true : undefined,
  };
}

/** The inverse: without what is not known or goes without saying. */
export function fromCell(cell: LookupCell): CellFields {
  const { executedWeightBits, executedActivationBits, ...fields } = cell;
  return {
    ...fields,
    executedWeightBits: executedWeightBits === cell.weightBits ? undefined : executedWeightBits,
    executedActivationBits: executedActivationBits === cell.activationBits ? undefined : executedActivationBits,
  };
}
