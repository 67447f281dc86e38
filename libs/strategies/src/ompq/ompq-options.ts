import { choiceOption, defineOptions, integerOption, numberOption } from '../options.js';

/** OMPQ's settings; docs/strategies/ompq.md says what the defaults were chosen by. */
export const OMPQ_OPTIONS = defineOptions({
  beta: numberOption('β, how much more orthogonal layers count', { default: 0.1, minimum: 0, maximum: 1000 }),
  gain: choiceOption(
    'what a bit is worth: as much as it takes from the quantization noise (ours), or always the same (as published)',
    ['noise', 'linear'] as const,
    'noise',
  ),
  activationBits: integerOption('bits of all activations; by default those that leave the narrower operand widest', {
    default: undefined,
    minimum: 1,
    maximum: 32,
  }),
  solver: choiceOption(
    'exact: an integer program; reference: the projection by size that the released optimizer amounts to, a baseline',
    ['exact', 'reference'] as const,
    'exact',
  ),
});

export type OmpqOptions = ReturnType<typeof OMPQ_OPTIONS.read>;
