import type { Network } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { assertDataFits, channelStatistics, createInputs, createSamples, selectLabels } from './index.js';

const shape = { height: 2, width: 2, channels: 2 };
/** Two images of 2 x 2 with 2 channels; the second channel is constant. */
const samples = createSamples(
  Uint8Array.of(0, 9, 51, 9, 102, 9, 255, 9, 255, 9, 255, 9, 0, 9, 0, 9),
  shape,
  Int32Array.of(1, 0),
  'test',
);

describe('createInputs', () => {
  it('scales, normalizes each channel and pads with raw zeros', () => {
    const preprocessing = { imageSize: 4, padding: 1, mean: [0.2, 0], std: [0.5, 2] };
    const inputs = createInputs(samples, [0], preprocessing);
    expect(inputs).toHaveLength(4 * 4 * 2);
    const at = (row: number, column: number) => [
      ...inputs.subarray((row * 4 + column) * 2, (row * 4 + column) * 2 + 2),
    ];
    expect(at(0, 0)).toEqual([Math.fround(-0.4), 0]);
    expect(at(1, 2)).toEqual([Math.fround((51 / 255 - 0.2) / 0.5), Math.fround(9 / 255 / 2)]);
    expect(at(2, 2)[0]).toBeCloseTo(1.6, 6);
    expect(at(3, 3)).toEqual(at(0, 0));
  });

  it('takes samples in the order asked for', () => {
    const plain = { imageSize: 2, padding: 0, mean: [0, 0], std: [1, 1] };
    const both = createInputs(samples, [1, 0], plain);
    expect(both.subarray(0, 8)).toEqual(createInputs(samples, [1], plain));
    expect(both.subarray(8)).toEqual(createInputs(samples, [0], plain));
    expect(selectLabels(samples, [1, 0])).toEqual(Int32Array.of(0, 1));
  });
});

describe('channelStatistics', () => {
  it('gives mean and deviation of each channel, and no zero deviation', () => {
    const { mean, std } = channelStatistics(samples);
    expect(mean).toEqual([0.45, 0.0353]);
    expect(std[0]).toBeCloseTo(Math.sqrt((0 + 0.04 + 0.16 + 1 + 1 + 1) / 8 - 0.45 ** 2), 3);
    expect(std[1]).toBe(1e-4);
  });
});

describe('assertDataFits', () => {
  const network = (height: number, channels: number, classes: number) =>
    ({ name: 'net', input: { height, width: height, channels }, classes, nodes: [] }) as Network;
  const data = { name: 'data', classes: 3, imageShape: shape };
  const preprocessing = { imageSize: 4, padding: 1, mean: [0, 0], std: [1, 1] };

  it('lets fitting data pass', () => {
    expect(() => assertDataFits(network(4, 2, 3), data, preprocessing)).not.toThrow();
    expect(() => assertDataFits(network(4, 2, 5), data, preprocessing)).not.toThrow();
  });

  it.each([
    [network(8, 2, 3), /images of data are 2 x 2 x 2, with padding 1 4 x 4 x 2; net takes 8 x 8 x 2/],
    [network(4, 3, 3), /net takes 4 x 4 x 3/],
    [network(4, 2, 2), /data has 3 classes, net only 2 outputs/],
  ])('names both sides when they do not fit', (wrong, message) => {
    expect(() => assertDataFits(wrong, data, preprocessing)).toThrowError(
      expect.objectContaining({ reason: 'DATASET_SHAPE', message: expect.stringMatching(message) }),
    );
  });
});
