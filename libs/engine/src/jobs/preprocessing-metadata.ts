import { BitwrightError, type Preprocessing } from '@bitwright/core';

/** Key of a file's metadata that says how images become its inputs; see the zoo's checkpoints. */
const KEY = 'bitwright.preprocess';

/** Pixels of an image's side, and of the padding. */
const MOST_PIXELS = 4096;

/**
 * The preprocessing that a file asks for, if it does. Throws `invalid_argument` `MODEL_PREPROCESSING` for what is none:
 * anybody may have written the file.
 */
export function preprocessingOf(metadata: Readonly<Record<string, string>>): Preprocessing | undefined {
  const text = metadata[KEY];
  if (text === undefined) return undefined;
  const { imageSize, padding, mean, std } = parse(text);
  if (isPixels(imageSize) && imageSize > 0 && isPixels(padding) && isNumbers(mean) && isNumbers(std)) {
    const isFine = mean.length > 0 && mean.length === std.length && std.every((value) => value > 0);
    if (isFine) return { imageSize, padding, mean, std };
  }
  const example = '{"imageSize":32,"padding":2,"mean":[0.286],"std":[0.353]}';
  const message = `the model file's metadata ${KEY} is no preprocessing; write JSON such as ${example}, with pixels up to ${MOST_PIXELS} and a mean and a standard deviation above 0 for each channel, or leave it out`;
  throw new BitwrightError('invalid_argument', 'MODEL_PREPROCESSING', message);
}

/** What a file says so that `preprocessingOf` reads it. */
export const metadataOf = (preprocessing: Preprocessing) => ({ [KEY]: JSON.stringify(preprocessing) });

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

const isPixels = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_PIXELS;

const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(Number.isFinite);
