import type { Convolution } from '@bitwright/core';
import type { GraphWriter } from '../wire/graph-writer.js';

/** ONNX Runtime's direct integer convolution reads channels in fours; others are unfolded into a matrix first. */
export const CHANNELS_AT_ONCE = 4;

/** As many zeros in an array of the same kind. */
export const zerosLike = <Values extends Int8Array | Int32Array | Float32Array>(
  values: Values,
  length: number,
): Values => new (values.constructor as new (length: number) => Values)(length);

export type Shaped<Values> = { readonly shape: readonly number[]; readonly values: Values };

/**
 * An integer convolution of images, written as another one that gives the same sums and suits ONNX Runtime's kernel: codes
 * are arranged before it, and those of its output after it. Codes are unsigned bytes, NCHW.
 */
export type ImageReading = {
  /** What reads the codes as they are arranged. */
  readonly convolution: Convolution;
  /** Writes the codes of images as the convolution reads them, named `name`; `zeroPoint` names theirs. */
  arrange(writer: GraphWriter, name: string, codes: string, zeroPoint: string): string;
  /** Writes the codes of its output as those of the network's tensor, named `name`; absent where they are the same. */
  readonly restore?: (writer: GraphWriter, name: string, codes: string) => string;
  /** The weight (OIHW) as the convolution takes it. */
  weight<Values extends Int8Array | Float32Array>(weight: Shaped<Values>): Shaped<Values>;
  /** What has one value for each output channel, with as many as the convolution has. */
  outputs<Values extends Int32Array | Float32Array>(values: Values): Values;
};
