import { choiceOption, integerOption, numberOption, readOptions } from '../options.js';

export type OmpqOptions = ReturnType<typeof readOmpqOptions>;

/** OMPQ's settings; docs/strategies/ompq.md has the table. */
export function readOmpqOptions(options: Readonly<Record<string, unknown>>) {
  return readOptions(options, {
    /** β: how much more orthogonal layers count; the default by measurement, see docs/strategies/ompq.md. */
    beta: numberOption({ default: 0.1, minimum: 0, maximum: 1000 }),
    /** What a bit is worth: always the same (OMPQ), or as much as it takes from the quantization noise (ours). */
    gain: choiceOption(['linear', 'noise'] as const, 'noise'),
    solver: choiceOption(['exact', 'reference'], 'exact'),
    /** Bits of all activations; by default those that leave the narrower operand widest. */
    activationBits: integerOption({ default: undefined, minimum: 1, maximum: 32 }),
  });
}
