import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macsOf } from '../layer-shape.js';
import { convolutionLayer, depthwiseLayer, fullyConnectedLayer } from '../testing/sample-layers.js';
import { lowerBatchRows, lowerBlockDiagonal, lowerPerImage } from './gemm.js';

const dense = convolutionLayer({ inChannels: 16, outChannels: 32, size: 14, kernel: 3 });
const grouped = convolutionLayer({ inChannels: 64, outChannels: 128, size: 7, kernel: 3, groups: 8 });

describe('lowering to matrix products', () => {
  it('makes one product for each image of a convolution', () => {
    expect(lowerPerImage(dense, 4)).toEqual({ rows: 32, depth: 144, columns: 196, count: 4 });
  });

  it('makes one product of a fully connected layer, with the images as columns', () => {
    expect(lowerPerImage(fullyConnectedLayer(512, 10), 4)).toEqual({ rows: 10, depth: 512, columns: 4, count: 1 });
  });

  it('makes one product for each image and group', () => {
    expect(lowerPerImage(grouped, 4)).toEqual({ rows: 16, depth: 72, columns: 49, count: 32 });
  });

  it('spreads images over the rows of grouped layers, as HAQ does', () => {
    expect(lowerBatchRows(grouped, 4)).toEqual({ rows: 64, depth: 72, columns: 49, count: 8 });
    expect(lowerBatchRows(depthwiseLayer({ channels: 96, size: 14 }), 1)).toEqual({
      rows: 1,
      depth: 9,
      columns: 196,
      count: 96,
    });
    expect(lowerBatchRows(dense, 4)).toEqual(lowerPerImage(dense, 4));
  });

  it('packs groups block-diagonally, as many as rows and depth allow', () => {
    const layer = depthwiseLayer({ channels: 100, size: 14 });
    expect(lowerBlockDiagonal(layer, 2, { rows: 8, depth: 256 })).toEqual({
      rows: 8,
      depth: 72,
      columns: 196,
      count: 26,
    });
    expect(lowerBlockDiagonal(layer, 2, { rows: 64, depth: 64 })).toMatchObject({ rows: 7, depth: 63, count: 30 });
    expect(lowerBlockDiagonal(grouped, 1, { rows: 8, depth: 256 })).toEqual(lowerPerImage(grouped, 1));
  });

  it('multiplies as much as the layer does', () => {
    const groups = fc.integer({ min: 1, max: 16 });
    const size = fc.integer({ min: 1, max: 32 });
    fc.assert(
      fc.property(groups, size, size, size, fc.integer({ min: 1, max: 8 }), (group, inSize, outSize, side, batch) => {
        const channels = { inChannels: group * inSize, outChannels: group * outSize };
        const layer = convolutionLayer({ ...channels, size: side, kernel: 3, groups: group });
        for (const { rows, depth, columns, count } of [lowerPerImage(layer, batch), lowerBatchRows(layer, batch)]) {
          expect(rows * depth * columns * count).toBe(macsOf(layer) * batch);
        }
      }),
    );
  });
});
