import { describe, expect, it } from 'vitest';
import { metadataOf, preprocessingOf } from './preprocessing-metadata.js';

const FINE = { imageSize: 32, padding: 2, mean: [0.286], std: [0.353] };

describe("a model file's preprocessing", () => {
  it('is read as it was written, and may be absent', () => {
    expect(preprocessingOf(metadataOf(FINE))).toEqual(FINE);
    expect(preprocessingOf({})).toBeUndefined();
  });

  it.each([
    'no JSON',
    'null',
    '7',
    '{}',
    JSON.stringify({ ...FINE, imageSize: 1e9 }),
    JSON.stringify({ ...FINE, imageSize: 0 }),
    JSON.stringify({ ...FINE, padding: -1 }),
    JSON.stringify({ ...FINE, padding: '2' }),
    JSON.stringify({ ...FINE, mean: ['0.1'] }),
    JSON.stringify({ ...FINE, std: [0] }),
    JSON.stringify({ ...FINE, std: [0.1, 0.2] }),
  ])('is refused with the key and an example: %s', (text) => {
    const reading = () => preprocessingOf({ 'bitwright.preprocess': text });
    expect(reading).toThrowError(
      expect.objectContaining({
        kind: 'invalid_argument',
        reason: 'MODEL_PREPROCESSING',
        message: expect.stringMatching(/bitwright.preprocess is no preprocessing; write JSON such as \{"imageSize":32/),
      }),
    );
  });
});
