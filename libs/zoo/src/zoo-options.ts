import { type FieldViolation, invalidFields } from '@bitwright/core';

/** What a network of the zoo is built from. */
export type ZooOptions = {
  readonly network: string;
  /** Multiplier of the channels; 1 is the published network. */
  readonly width: number;
  /** Height and width of the input. */
  readonly imageSize: number;
  /** Channels of the input. */
  readonly channels: number;
  readonly classes: number;
  /** Input size over the size of the last feature map. */
  readonly outputStride: number;
};

/** Output stride where none is asked for: the published 32 for large images, 16 for those up to 64 pixels. */
export function defaultOutputStride(imageSize: number): number {
  return imageSize > 64 ? 32 : 16;
}

const LIMITS = { width: [0.05, 8], imageSize: [8, 2048], channels: [1, 64], classes: [2, 100_000] } as const;

/** Throws one `invalid_argument` `ZOO_OPTIONS` that names every option out of range. */
export function assertZooOptions(options: ZooOptions, outputStrides: readonly number[]): void {
  const violations: FieldViolation[] = [];
  for (const [field, [lowest, highest]] of Object.entries(LIMITS) as [
    keyof typeof LIMITS,
    readonly [number, number],
  ][]) {
    const value = options[field];
    const isWhole = field === 'width' || Number.isInteger(value);
    if (isWhole && value >= lowest && value <= highest) continue;
    violations.push({
      field,
      description: `is ${value}; use ${isWhole ? '' : 'whole numbers, '}${lowest} to ${highest}`,
    });
  }
  if (!outputStrides.includes(options.outputStride)) {
    const description = `is ${options.outputStride}; ${options.network} has ${outputStrides.join(', ')}`;
    violations.push({ field: 'outputStride', description });
  }
  if (violations.length > 0) throw invalidFields(violations, 'ZOO_OPTIONS');
}

/**
 * How many of the published strided stages keep their resolution: the published stride is 32, and each halving of the
 * output stride turns the first strided stages' stride to 1 (16: the stem; 8: the stem and the stage after it).
 */
export function unstridedStages(outputStride: number): number {
  return Math.log2(32 / outputStride);
}
