import { describe, expect, it } from 'vitest';
import type { Network, TensorShape } from '../network/network.js';
import type { DatasetDescription } from '../ports/quantizer.js';
import { requireFittingImages } from './fitting-data.js';

const shape = (height: number, width: number, channels: number): TensorShape => ({ height, width, channels });
const network = { name: 'net', input: shape(32, 32, 1), classes: 10, nodes: [] } as Network;
const padded = { imageSize: 32, padding: 2, mean: [0], std: [1] };

const DATASET: Omit<DatasetDescription, 'imageShape'> = {
  ...{ name: 'data', classes: 10, mean: [0], std: [1], digest: '' },
  samples: { training: 1, validation: 1, test: 1 },
};

const check = (imageShape: TensorShape, preprocessing?: typeof padded) => () =>
  requireFittingImages({ network, preprocessing }, { ...DATASET, imageShape }, 'spec.dataset');

describe('images of a search', () => {
  it('are taken where padding makes them the input', () => {
    expect(check(shape(28, 28, 1), padded)).not.toThrow();
    expect(check(shape(28, 28, 1))).not.toThrow();
    expect(check(shape(32, 32, 1))).not.toThrow();
  });

  it.each([
    [shape(32, 32, 3), padded, 'data has images of 32 x 32 x 3; the network net takes 28 x 28 x 1; give such images'],
    [shape(32, 32, 1), padded, 'has images of 32 x 32 x 1; the network net takes 28 x 28 x 1'],
    [shape(28, 28, 3), undefined, 'takes 32 x 32 x 1, to which smaller squares are padded'],
    [shape(28, 30, 1), undefined, 'has images of 28 x 30 x 1'],
    [shape(27, 27, 1), undefined, 'has images of 27 x 27 x 1'],
    [shape(64, 64, 1), undefined, 'has images of 64 x 64 x 1'],
  ])('are refused with both sizes where not: %o', (imageShape, preprocessing, text) => {
    expect(check(imageShape, preprocessing)).toThrow(
      expect.objectContaining({
        ...{ kind: 'invalid_argument', reason: 'DATASET_SHAPE' },
        violations: [{ field: 'spec.dataset', description: expect.stringContaining(text) }],
      }),
    );
  });
});
